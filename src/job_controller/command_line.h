#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::job_controller {

/// The words to execute for a configured command followed by `arguments`. A command without shell
/// metacharacters is split at blanks; one with them is given to /bin/sh when `shell_allowed`, the
/// arguments as "$@", and refused otherwise.
Result<std::vector<std::string>> command_words(
    std::string_view command, bool shell_allowed, const std::vector<std::string>& arguments
);

}  // namespace sluice::job_controller
