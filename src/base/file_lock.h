#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice {

/// Waits for the exclusive lock of a file, which is made where it is missing. The lock goes with
/// the descriptor, also when its process dies. Who replaces a file locks another one beside it.
Result<UniqueFd> lock_file(const std::string& path, unsigned mode = 0600);

}  // namespace sluice
