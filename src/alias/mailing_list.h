#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "message/header_edit.h"

// What the parameters of a mailing list say (docs/man/aliases.5). Plain values made by the alias
// file reader; the policy room carries them out.
namespace sluice::alias {

/// One condition on a posting.
struct ListClause {
    enum class Who : std::uint8_t {
        sender,   ///< envelope From
        user,     ///< authenticated user
        channel,  ///< source channel
    };
    enum class How : std::uint8_t {
        file,      ///< `value` is a file of addresses, or of user name patterns
        table,     ///< `value` is a mapping table; `$Y` says yes
        patterns,  ///< `value` is a list of patterns with `*` and `%`, between blanks
    };
    Who who = Who::sender;
    How how = How::file;
    bool only_authenticated = false;  ///< a posting without SMTP AUTH does not fit
    bool negated = false;             ///< CANT_*: fits who is not named
    bool alternative = false;         ///< joined to the clauses before it by "or"
    std::string value;

    friend bool operator==(const ListClause&, const ListClause&) = default;
};
using ListClauses = std::vector<ListClause>;

enum class SequencePlace : std::uint8_t { none, prefix, suffix };

struct MailingList {
    ListClauses access;      ///< AUTH_*, CANT_*: who may post
    ListClauses holds;       ///< HOLD_*, NOHOLD_*: any that fits holds the posting
    ListClauses moderators;  ///< MODERATOR_LIST and its kin: any that fits posts directly
    std::optional<std::string> moderator_address;
    std::string error_text;  ///< ERROR_TEXT; empty: the usual one

    std::uint64_t block_limit = 0;  ///< BLOCKLIMIT in units of BLOCK_SIZE; 0 none
    std::uint64_t line_limit = 0;   ///< LINELIMIT; 0 none

    /// New envelope From. Given: postings are redistributions, errors do not go to the poster. "/"
    /// is the poster's own.
    std::optional<std::string> envelope_from;
    message::HeaderEdits header_edits;
    std::string header_file;  ///< HEADER_ADDITION
    std::string prefix_file;  ///< PREFIX_TEXT
    std::string suffix_file;  ///< SUFFIX_TEXT
    std::string sequence_file;
    SequencePlace sequence_place = SequencePlace::none;
    bool strips_sequence = false;  ///< SEQUENCE_STRIP
    std::vector<std::string> captures;
    std::vector<std::string> conversion_tags;
    bool reports_delay = true;   ///< DELAY_NOTIFICATIONS
    bool hides_members = false;  ///< PRIVATE, NONEXPANDABLE

    /// Why the list cannot be expanded, although mail for it must not be lost; empty: it can.
    std::string obstacle;

    friend bool operator==(const MailingList&, const MailingList&) = default;
    [[nodiscard]] bool is_moderated() const { return moderator_address.has_value(); }
};

}  // namespace sluice::alias
