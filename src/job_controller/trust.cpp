#include "job_controller/trust.h"

#include "base/trusted_file.h"
#include "job_controller/configured_settings.h"

namespace sluice::job_controller {

void allow_shell(JobControllerSettings& settings) {
    for (ChannelSettings& channel : settings.channels) channel.shell_allowed = true;
    for (PeriodicJobSettings& job : settings.periodic_jobs) job.shell_allowed = true;
}

Result<JobControllerSettings> trusted_settings_from(const config::Configuration& configuration) {
    auto settings = settings_from(configuration);
    const std::string& file = configuration.tailor.path(config::TailorEntry::jbc_config_file);
    if (settings && distrust_of(file).empty()) allow_shell(*settings);
    return settings;
}

}  // namespace sluice::job_controller
