#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace sluice::lookup {

/// Raises the decimal number in the file by one and returns the new one. The file must exist; an
/// empty one counts as 0. It is locked meanwhile, so that programs and threads get different
/// numbers; who cannot get the lock within `limit` fails. A file that holds anything else is left
/// as it is. The number is not synced: after a loss of power numbers may come again.
Result<std::uint64_t> next_in_sequence(
    const std::string& path, std::chrono::milliseconds limit = std::chrono::seconds(5)
);

}  // namespace sluice::lookup
