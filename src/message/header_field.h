#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Small tools for header fields (RFC 5322 sections 2.2, 3.2 and 3.6; RFC 2045 section 5). Pure.
namespace sluice::message {

constexpr std::size_t preferred_line = 78;  ///< RFC 5322 section 2.1.1
constexpr std::size_t longest_line = 998;

/// One field of a header block; views into the block.
struct HeaderField {
    std::string_view name;
    std::string_view raw;        ///< the whole field with its line ends
    std::string_view raw_value;  ///< after the colon, folded, without the last line end
};

/// "Name: value" split at the colon; nullopt where there is no legal name.
[[nodiscard]] std::optional<HeaderField> parse_header_field(std::string_view raw);
/// All fields of a header block with CRLF or LF line ends; stops at the blank line or at the first
/// line that is no field. At most `max_fields`.
[[nodiscard]] std::vector<HeaderField> split_header(
    std::string_view block, std::size_t max_fields = 10000
);
/// Length of the line that mailbox files put in front of a message ("From ..."), with its line end;
/// 0 where the block does not begin with one.
[[nodiscard]] std::size_t mailbox_separator_length(std::string_view block);
/// Line ends removed, the blanks that began the continuation lines kept (RFC 5322 section 2.2.3),
/// blanks at both ends removed.
[[nodiscard]] std::string unfold(std::string_view raw_value);
/// The same, appended to `out`.
void add_unfolded(std::string& out, std::string_view raw_value);
/// The first field of that name, case ignored.
[[nodiscard]] std::optional<std::string> find_header(std::string_view block, std::string_view name);
/// The first "<...>" of a value, with its brackets; empty when there is none. For Message-ID and
/// its kind.
[[nodiscard]] std::string_view find_message_id(std::string_view value);
/// A value without its comments in parentheses; quoted strings are respected.
[[nodiscard]] std::string without_comments(std::string_view value);

/// "Name: value\r\n" folded at blanks so that lines stay within 78 columns where blanks allow it,
/// and within 998 in any case. Controls in the value become blanks: nobody injects a field.
[[nodiscard]] std::string fold_header(std::string_view name, std::string_view value);
/// The same for a value in pieces that must not be broken inside ("Received:", "References:");
/// pieces are joined by one blank or a fold.
[[nodiscard]] std::string fold_pieces(
    std::string_view name, const std::vector<std::string>& pieces
);

/// As an atom where the text is one, else as a quoted string (RFC 5322 section 3.2.4).
[[nodiscard]] std::string quoted_phrase(std::string_view text);
/// Escapes '(' ')' '\' and drops controls, for text inside a comment.
[[nodiscard]] std::string comment_text(std::string_view text);

}  // namespace sluice::message
