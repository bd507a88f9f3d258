#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "notify/builder.h"
#include "notify/notice.h"

namespace sluice::notify {

/// A message of our own that a person reads and that asks nothing of anybody.
struct PlainNotice {
    std::string to;
    std::string subject;     ///< without controls
    std::string text;        ///< LF line ends
    std::string message_id;  ///< with brackets
    std::string about;       ///< Message-ID of what it is about; empty where there is none
    WallTime now{};
};

/// Writes the message, CRLF lines. Of the settings the originator is used.
[[nodiscard]] BuiltNotice build_plain_notice(
    const PlainNotice& notice,
    const NoticeSettings& settings,
    const TimeZone& zone,
    const OutputSink& sink
);

}  // namespace sluice::notify
