#pragma once

#include <string>

namespace sluice::message {

/// Text that a mailing list puts around the body of a message (PREFIX_TEXT, SUFFIX_TEXT):
/// UTF-8, or octets taken for ISO 8859-1; lines end with LF or CRLF, the last one perhaps not.
struct BodyText {
    std::string prefix;
    std::string suffix;

    [[nodiscard]] bool empty() const { return prefix.empty() && suffix.empty(); }
    friend bool operator==(const BodyText&, const BodyText&) = default;
    friend auto operator<=>(const BodyText&, const BodyText&) = default;
};

}  // namespace sluice::message
