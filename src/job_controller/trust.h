#pragma once

#include <string>

#include "job_controller/settings.h"

namespace sluice::job_controller {

/// Whether commands of this file may be given to a shell: a regular file that belongs to root or to
/// the account we run as, and that nobody else may write.
[[nodiscard]] bool is_trusted_file(const std::string& path);
/// All commands may.
void allow_shell(JobControllerSettings& settings);

}  // namespace sluice::job_controller
