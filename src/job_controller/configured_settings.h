#pragma once

#include "config/configuration.h"
#include "job_controller/settings.h"

namespace sluice::job_controller {

/// What imta.cnf, job_controller.cnf and the tailor file say, put together. An Error names a
/// command whose place cannot be resolved. Pure.
Result<JobControllerSettings> settings_from(const config::Configuration& configuration);

}  // namespace sluice::job_controller
