#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sluice::smtp {

/// Longest reply line with its CRLF (RFC 5321 section 4.5.3.1.5).
inline constexpr std::size_t reply_line_limit = 512;
/// Longest piece of foreign text that is echoed in a reply or kept for a log entry, in octets.
inline constexpr std::size_t echo_limit = 252;

/// Foreign text made safe for a reply or a log line: controls become \xHH, and so do octets from
/// 0x80 up unless `keep_utf8`. At most `limit` octets; a cut shows as "..." at the end.
std::string sanitised(
    std::string_view text, std::size_t limit = echo_limit, bool keep_utf8 = false
);

/// One SMTP reply, in either direction: code, enhanced status (RFC 2034) where there is one, and
/// the text of each line without both. A plain value.
struct Reply {
    Reply() = default;
    Reply(int reply_code, std::string text) : code(reply_code), lines{std::move(text)} {}
    Reply(int reply_code, StatusCode enhanced, std::string text)
        : code(reply_code), status(enhanced), lines{std::move(text)} {}
    Reply(int reply_code, StatusCode enhanced, std::vector<std::string> text)
        : code(reply_code), status(enhanced), lines(std::move(text)) {}
    /// 550 or 450 with the error's own status and text.
    static Reply from_error(const Error& error);

    int code = 0;
    std::optional<StatusCode> status;
    std::vector<std::string> lines;

    [[nodiscard]] bool is_positive() const { return code >= 200 && code < 300; }
    [[nodiscard]] bool is_intermediate() const { return code >= 300 && code < 400; }
    [[nodiscard]] bool is_temporary() const { return code >= 400 && code < 500; }
    [[nodiscard]] bool is_permanent() const { return code >= 500 && code < 600; }
    /// The status given, or class.0.0 made from the code.
    [[nodiscard]] StatusCode status_or_default() const;

    /// Wire form, every line with code and status and at most reply_line_limit octets. Whatever the
    /// text holds, no line end gets in and nothing but ASCII (or UTF-8, if allowed) gets out.
    void append_to(std::string& out, bool keep_utf8 = false) const;
    /// One line for logs and reports: "550 5.1.1 text", lines joined by a space. Code 0 (a text
    /// of our own where no reply came): the lines only.
    [[nodiscard]] std::string to_text() const;

    friend bool operator==(const Reply&, const Reply&) = default;
};

}  // namespace sluice::smtp
