#pragma once

#include <string>

#include "config/configuration.h"
#include "job_controller/settings.h"

namespace sluice::job_controller {

/// All commands may be given to a shell.
void allow_shell(JobControllerSettings& settings);
/// settings_from(), with a shell for its commands where the configuration's file is trusted.
Result<JobControllerSettings> trusted_settings_from(const config::Configuration& configuration);

}  // namespace sluice::job_controller
