#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time_zone.h"
#include "notify/content.h"
#include "notify/notice.h"

namespace sluice::notify {

/// What the enqueuer must know of the message that was written.
struct BuiltNotice {
    std::string message_id;
    std::uint64_t bytes = 0;
    bool eight_bit = false;  ///< needs 8BITMIME
    bool smtputf8 = false;   ///< needs SMTPUTF8
    Returned returned = Returned::full;
};

using OutputSink = std::function<void(std::string_view)>;

/// Writes one notification as a multipart/report (RFC 6522, RFC 3464), CRLF lines, none above 998
/// bytes, into the sink: own header without trace lines, text part, delivery status, original or
/// part of it. Memory does not grow with the original. Fails only when the original cannot be
/// read; what the sink has by then is to be thrown away. Pure apart from calling the source.
[[nodiscard]] Result<BuiltNotice> build_notice(
    const Notice& notice,
    const NoticeSettings& settings,
    const TimeZone& zone,
    const OutputSink& sink
);

}  // namespace sluice::notify
