#pragma once

#include <string>

#include "base/result.h"

namespace sluice::queue {

/// Sixteen octets that nobody can guess: for encode_envelope().
Result<std::string> random_bits();

}  // namespace sluice::queue
