#pragma once

#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "notify/notice.h"

// What the reader of a notice sees: the templates with what is to be said put in.
namespace sluice::notify {

/// The subject, UTF-8.
[[nodiscard]] std::string_view subject_text(NoticeKind kind, const NoticeSettings& settings);
[[nodiscard]] std::string_view action_word(NoticeKind kind);  ///< RFC 3464 section 2.3.3

/// The text part: LF line ends, at most 78 columns where words and templates allow it. What is not
/// of ours is reduced to well-formed text without controls.
struct NoticeText {
    std::string text;      ///< octets of `charset`
    std::string charset;   ///< that of the templates, utf-8 where it cannot express what is said
    std::string language;  ///< Content-Language; may be empty
};
/// `original_header`: of the message it is about, CRLF lines; empty where nothing of it may be
/// shown.
[[nodiscard]] NoticeText notice_text(
    const Notice& notice,
    const NoticeSettings& settings,
    const TimeZone& zone,
    std::string_view original_header
);

/// Controls become blanks, bytes that are not UTF-8 become '?', at most `limit` bytes.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t limit = 2000);
/// "label value" with its LF; continuation lines stand under the value. A word longer than the line
/// is left whole, within what mail lines may have.
[[nodiscard]] std::string wrapped_line(std::string_view label, std::string_view value);

}  // namespace sluice::notify
