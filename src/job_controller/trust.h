#pragma once

#include <string>

#include "config/configuration.h"
#include "job_controller/settings.h"

namespace sluice::job_controller {

/// Whether commands of this file may be given to a shell: a regular file that belongs to root or to
/// the account we run as, and that nobody else may write.
[[nodiscard]] bool is_trusted_file(const std::string& path);
/// All commands may.
void allow_shell(JobControllerSettings& settings);
/// settings_from(), with a shell for its commands where the configuration's file is trusted.
Result<JobControllerSettings> trusted_settings_from(const config::Configuration& configuration);

}  // namespace sluice::job_controller
