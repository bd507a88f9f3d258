#pragma once

#include <string_view>

namespace sluice::conversion {

/// Whether the pattern of a match clause covers all of `text`: `*` any run of octets, `%` any one,
/// `\` quotes the octet behind it. ASCII letters compare in any case. Takes no more than the
/// product of both lengths.
[[nodiscard]] bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace sluice::conversion
