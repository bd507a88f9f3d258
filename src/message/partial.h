#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// A message in several messages: message/partial (RFC 2046 section 5.2.2). Pure.
namespace sluice::message {

/// What one piece says of itself.
struct PartialLabels {
    std::string id;       ///< the same in all pieces; not empty
    unsigned number = 0;  ///< from 1
    unsigned total = 0;   ///< 0: this piece does not say; the last one must

    friend bool operator==(const PartialLabels&, const PartialLabels&) = default;
};

/// A message in more pieces than this is not put together, and none is cut into more.
inline constexpr unsigned max_pieces = 999;

/// Of a message with this Content-Type value; nullopt where it is no piece, or one that cannot be
/// used: without id, without a number from 1 to max_pieces, or with one above the total.
[[nodiscard]] std::optional<PartialLabels> partial_labels(std::string_view content_type);

/// Header of a piece of the message with header `whole`: its fields but those that the first piece
/// carries inside (enclosed_header()), a Subject that says which piece it is, and `message_id`
/// (with brackets) as its own. Ends with the blank line.
[[nodiscard]] std::string piece_header(
    std::string_view whole, const PartialLabels& labels, std::string_view message_id
);
/// What the first piece has at the beginning of its body: the fields of the whole that describe its
/// content or name it, and a blank line.
[[nodiscard]] std::string enclosed_header(std::string_view whole);

/// Header of the whole: from the header of the first piece and the header that its body begins
/// with. Fields keep their octets. Ends with a blank line.
[[nodiscard]] std::string whole_header(std::string_view first_piece, std::string_view enclosed);

}  // namespace sluice::message
