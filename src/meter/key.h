#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "meter/table_settings.h"

namespace sluice::meter {

/// Octets of a key as it is kept. What is longer is kept as its beginning and a hash of the whole.
inline constexpr std::size_t longest_key = 250;

/// The key under which the table keeps what a caller calls `text`: blanks around it gone, letters
/// in lower case where case does not count, an address in its one spelling. nullopt: no key of this
/// table.
std::optional<std::string> key_of(const TableSettings& table, std::string_view text);

}  // namespace sluice::meter
