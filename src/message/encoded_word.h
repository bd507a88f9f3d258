#pragma once

#include <string>
#include <string_view>

namespace sluice::message {

/// A phrase for an address field: as it is or quoted when ASCII, else RFC 2047 encoded words in
/// UTF-8, base64, each at most 75 characters, cut between characters. Bytes that are not UTF-8
/// are taken for ISO 8859-1.
[[nodiscard]] std::string encoded_phrase(std::string_view text);

}  // namespace sluice::message
