#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "notify/notice.h"

namespace sluice::notify {

/// The content of the message/delivery-status part (RFC 3464 section 2), CRLF line ends, ASCII
/// only: addresses beyond ASCII take the 7-bit form of RFC 6533 section 3. Pure.
[[nodiscard]] std::string delivery_status(
    const Notice& notice, const NoticeSettings& settings, const TimeZone& zone
);

/// The Status of one recipient: as reported where its class fits the action, else adapted to it.
[[nodiscard]] StatusCode reported_status(NoticeKind kind, const NoticeRecipient& recipient);

/// The enhanced code behind a reply code ("550 5.1.1 ..."; RFC 2034), nullopt if there is none or
/// its class contradicts the reply's first digit.
[[nodiscard]] std::optional<StatusCode> status_of_reply(std::string_view reply);

}  // namespace sluice::notify
