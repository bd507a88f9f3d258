#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/ip_address.h"

// How address elements of patterns read an address out of a text.
namespace sluice::mapping {

/// Where the longest run of characters that can occur in such an address ends. `folded` is in lower
/// case.
[[nodiscard]] std::size_t address_run_end(std::string_view folded, std::size_t position, bool v6);
/// The run as an address of that family; nullopt if it is none.
[[nodiscard]] std::optional<IpAddress> parse_address_run(std::string_view run, bool v6);

}  // namespace sluice::mapping
