#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::auth {

/// RFC 4648 section 4, with padding.
std::string to_base64(std::string_view octets);
/// Exactly what to_base64() writes, nothing else: no blanks, no missing padding, no bits behind the
/// end. RFC 4954 section 4: anything else is a syntax error.
std::optional<std::string> from_base64(std::string_view text);
/// The alphabet of RFC 4648 section 5 without padding, as JSON web tokens are written.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace sluice::auth
