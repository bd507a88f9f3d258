#pragma once

#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "notify/notice.h"

// What the reader of a notice sees: every word of it stands in texts.cpp, with the substitutions of
// notifications.md section 3.1, so that template files can take its place.
namespace sluice::notify {

/// Values behind the substitutions.
struct Substitutions {
    unsigned queued = 0;  ///< %C
    unsigned left = 0;    ///< %L
    unsigned total = 0;   ///< %F
    QueueUnit unit = QueueUnit::days;
    std::string header;      ///< %H
    std::string recipients;  ///< %R
};
/// Expands %H %C %L %F %S %s %U %u %R %%; other sequences stay as they are. Pure.
[[nodiscard]] std::string expand_template(std::string_view text, const Substitutions& values);

[[nodiscard]] std::string_view subject_text(NoticeKind kind);
[[nodiscard]] std::string_view action_word(NoticeKind kind);  ///< RFC 3464 section 2.3.3

/// The text part with LF line ends, lines of at most 78 columns where words allow it. Foreign bytes
/// in it are reduced to well-formed UTF-8 without controls.
[[nodiscard]] std::string notice_text(
    const Notice& notice, const NoticeSettings& settings, const TimeZone& zone
);

/// Controls become blanks, bytes that are not UTF-8 become '?', at most `limit` bytes.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t limit = 2000);

}  // namespace sluice::notify
