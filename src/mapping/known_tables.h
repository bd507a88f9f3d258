#pragma once

#include <string_view>

namespace sluice::mapping {

/// Whether some part of the MTA asks a table of this name, or the name is reserved for site use
/// ("X-..."). Names compare without regard to case.
[[nodiscard]] bool is_known_table(std::string_view name);

}  // namespace sluice::mapping
