#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "smtp/reply.h"

namespace sluice::smtp {

/// Ways in which what a server says is no reply. All mean that the peer failed, for now.
enum class ReplyFault {
    bad_code,     ///< no three digits from 200 to 599, or no blank or '-' after them
    mixed_codes,  ///< the lines of one reply do not agree (RFC 5321 section 4.2.1)
    line_too_long,
    too_many_lines,
    nul,
};
std::string_view to_word(ReplyFault fault);

/// Puts replies together from octets in any pieces. A line may end in LF alone. Memory is bounded:
/// a fault is final, everything after it is ignored.
class ReplyReader {
public:
    /// Octets of a line without its end; far above the 512 that RFC 5321 allows.
    static constexpr std::size_t line_limit = 4096;
    static constexpr std::size_t lines_limit = 256;

    using Outcome = std::variant<Reply, ReplyFault>;

    /// The next reply from the front of `input`, which is moved past what was used.
    std::optional<Outcome> next(std::string_view& input);
    /// Something of a reply is here, its end is not.
    [[nodiscard]] bool has_partial_reply() const { return !line_.empty() || reply_.code != 0; }
    void clear();

private:
    std::optional<ReplyFault> add_line(std::string_view line, bool& is_last);

    std::string line_;
    Reply reply_;
    std::optional<ReplyFault> fault_;
};

/// Moves an enhanced status that begins every line of `reply` and fits its code from the lines to
/// Reply::status (RFC 2034 section 4).
void split_status(Reply& reply);

}  // namespace sluice::smtp
