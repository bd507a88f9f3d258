#pragma once

#include <string>
#include <string_view>

#include "notify/notice.h"

namespace sluice::notify {

/// Where the sender's copy of a notice goes.
struct ReturnAddress {
    std::string address;
    bool is_suppressed = false;  ///< the header asks for none: the field is there and blank
};

/// Options USE_ERRORS_TO and USE_WARNINGS_TO.
struct ReturnFields {
    bool errors_to = false;
    bool warnings_to = false;
};

/// The envelope From, or what Errors-to (failures) or Warnings-to (warnings) names where that is
/// honoured. A null reverse path stays one, whatever the header says, and a field that is no list
/// of addresses says nothing. `header`: CRLF lines. Pure.
[[nodiscard]] ReturnAddress return_address(
    NoticeKind kind, std::string_view sender, std::string_view header, const ReturnFields& fields
);

}  // namespace sluice::notify
