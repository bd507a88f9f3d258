#pragma once

#include <string>

#include "base/result.h"

namespace sluice {

/// Root gives itself up for good and becomes `user` (groups too); anybody else stays who they are.
/// Root without a `user` to become is an Error: no program of ours serves as root.
Result<void> give_up_root(const std::string& user);

}  // namespace sluice
