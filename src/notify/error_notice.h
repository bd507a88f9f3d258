#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "notify/builder.h"
#include "notify/notice.h"

namespace sluice::notify {

/// A notification for the postmaster about an error (postoffice-and-qmail-features.md sections 2.1
/// and 8.1): which host, which error, which addresses, the envelope, where the message is, its
/// header. Plain text that a person reads; nothing is asked of anybody.
struct ErrorNotice {
    std::string condition;  ///< "unknown-user"
    std::string sentence;   ///< what went wrong, in words
    std::vector<std::string> addresses;
    bool is_held = false;
    std::string queue_file;    ///< below the queue root
    std::uint64_t unsent = 0;  ///< notices that the limit per hour kept back before this one
};

/// Writes the message, CRLF lines. `about`: original message, history, `to`, message id and `now`
/// are used. Fails only when the original cannot be read.
[[nodiscard]] Result<BuiltNotice> build_error_notice(
    const ErrorNotice& error,
    const Notice& about,
    const NoticeSettings& settings,
    const TimeZone& zone,
    const OutputSink& sink
);

}  // namespace sluice::notify
