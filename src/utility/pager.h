#pragma once

#include <string>

#include "base/result.h"

namespace sluice::utility {

/// Shows the text through the program that the environment variable PAGER names, else more(1), and
/// waits for its end.
Result<void> show_in_pager(const std::string& path);

}  // namespace sluice::utility
