#include "job_controller/trust.h"

#include <sys/stat.h>
#include <unistd.h>

#include "job_controller/configured_settings.h"

namespace sluice::job_controller {

bool is_trusted_file(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    const bool ours = status.st_uid == 0 || status.st_uid == ::geteuid();
    return ours && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void allow_shell(JobControllerSettings& settings) {
    for (ChannelSettings& channel : settings.channels) channel.shell_allowed = true;
    for (PeriodicJobSettings& job : settings.periodic_jobs) job.shell_allowed = true;
}

Result<JobControllerSettings> trusted_settings_from(const config::Configuration& configuration) {
    auto settings = settings_from(configuration);
    const std::string& file = configuration.tailor.path(config::TailorEntry::jbc_config_file);
    if (settings && is_trusted_file(file)) allow_shell(*settings);
    return settings;
}

}  // namespace sluice::job_controller
