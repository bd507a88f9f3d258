#pragma once

#include <string>
#include <string_view>

#include "message/header_trim.h"

namespace sluice::notify {

/// What becomes of encoded words in the header that %H shows (NOTARY_DECODE).
enum class HeaderDecoding {
    never,         ///< they stay
    same_charset,  ///< those in the charset of the template are decoded
    all,           ///< all are, and converted to it
};

/// The header of a message as %H shows it: the lines that `options` keep, one field after the
/// other, wrapped, UTF-8, without controls; cut where it gets too long. `header`: CRLF lines. Pure.
[[nodiscard]] std::string shown_header(
    std::string_view header,
    const message::HeaderOptions& options,
    HeaderDecoding decoding,
    std::string_view charset
);

}  // namespace sluice::notify
