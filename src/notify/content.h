#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "notify/notice.h"

// The original message inside a notice: how much of it goes back, and in what form.
namespace sluice::notify {

/// How much of the original a notice carries.
enum class Returned { full, sample, headers, nothing };

/// The rule of notifications.md section 4: as RET asks, else the whole for failures and a sample
/// (LINES_TO_RETURN) or the header for warnings; never the whole above the size limits.
[[nodiscard]] Returned choose_returned(
    NoticeKind kind, const OriginalMessage& original, const NoticeSettings& settings
);

/// What one look at the content found.
struct ContentFacts {
    std::string header;  ///< CRLF lines without the blank line; legal in mail whatever came
    std::string sample;  ///< the first lines of the body, likewise
    bool header_eight_bit = false;
    bool eight_bit = false;     ///< anywhere in what was read
    bool is_legal = true;       ///< no NUL, no line above 998: can be returned as it is
    bool is_plain = true;       ///< a sample of its body means something to a reader
    bool has_boundary = false;  ///< the text looked for occurs
};

/// Reads as much as `returned` needs. `boundary` is the text that must not occur.
[[nodiscard]] Result<ContentFacts> inspect_content(
    const ContentSource& source, Returned returned, unsigned sample_lines, std::string_view boundary
);

/// Copies the content with every line ended by CRLF, the last one too.
[[nodiscard]] Result<void> copy_content(
    const ContentSource& source, const std::function<void(std::string_view)>& sink
);

}  // namespace sluice::notify
