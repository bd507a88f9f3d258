#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "tracking/record.h"

namespace sluice::tracking {

/// How a pattern of the operator is held against a text; wildcards are the caller's.
using TextMatch = bool (*)(std::string_view pattern, std::string_view text);

/// A text that a line has: whole words of it, or perhaps the middle of one.
struct FindText {
    std::string text;
    bool fragment = false;
};

/// What an operator knows about the message that is looked for. Everything that is given must be
/// true of one line. A plain value.
struct Selection {
    std::string message_id;  ///< with or without <>
    std::string envelope_id;
    std::string file;    ///< a queue file's name, or its part that stays the same
    std::string sender;  ///< pattern; "<>" for the null reverse path
    std::string recipient;
    std::string host;
    std::optional<IpAddress> client;
    std::optional<std::uint64_t> session;
    std::optional<WallTime> since;
    std::optional<WallTime> until;

    /// Nothing but times, or nothing at all.
    [[nodiscard]] bool is_open() const;
    [[nodiscard]] bool matches(const Record& record, TextMatch match) const;
    /// Texts, in lower case, that every line to be found has; none where a pattern gives none.
    [[nodiscard]] std::vector<FindText> find_texts() const;

private:
    [[nodiscard]] bool matches_event(const Record& record, const log::Event& event, TextMatch match)
        const;
    [[nodiscard]] bool matches_names(const Record& record, const log::Event& event) const;
};

}  // namespace sluice::tracking
