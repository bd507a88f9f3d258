#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "queue/message_name.h"
#include "utility/command_line.h"

// Which messages a qm command is about. Pure.
namespace sluice::utility {

/// A queued message as listings show it. What follows `is_read` is known only if the file was
/// opened (or, with the job controller's view, if the job controller told it).
struct QueuedMessage {
    queue::MessageLocation location;
    std::uint64_t device = 0;  ///< identity of the file at that time; 0 not looked at
    std::uint64_t inode = 0;
    WallTime since{};  ///< creation of the file, or enqueue time in the job controller's view

    bool is_read = false;
    std::uint64_t size = 0;  ///< octets of the content
    std::string owner;
    std::string sender;
    std::vector<std::string> recipients;
    std::string host;  ///< destination system of the first recipient
    std::string message_id;
    std::string subject;  ///< decoded
    std::string reason;   ///< why it is held, or its newest delivery problem
    std::string trouble;  ///< why the file cannot be read; empty where it could

    [[nodiscard]] bool is_held() const {
        return location.name.state() != queue::MessageState::eligible;
    }
};

enum class SortKey : std::uint8_t { name, age, size, host, tries };

/// The switches that select messages, and the channel.
struct Selector {
    std::string channel;     ///< pattern; empty: all
    bool held = false;       ///< the held ones instead of the others
    bool any_state = false;  ///< held or not
    std::optional<std::string> from;
    std::optional<std::string> to;
    bool from_and_to = false;  ///< -match=and; else one of them is enough
    std::optional<std::string> owner;
    std::optional<std::string> subject;
    std::optional<std::string> host;
    std::optional<std::string> reason;
    std::optional<std::string> message_id;
    std::optional<WallTime> before;  ///< -older
    std::optional<WallTime> after;   ///< -newer
    std::optional<std::uint64_t> larger;
    std::optional<std::uint64_t> smaller;
    unsigned min_tries = 0;
    SortKey sort = SortKey::name;
    std::optional<std::size_t> limit;

    /// Whether some switch narrows the selection (the channel and -held do not count).
    [[nodiscard]] bool narrows() const;
    /// Whether the names do not tell enough.
    [[nodiscard]] bool needs_files() const;
    /// Whether the files alone tell.
    [[nodiscard]] bool needs_envelope() const;
    /// Whether the message's file must be opened to decide about it. The job controller tells size
    /// and host.
    [[nodiscard]] bool needs_more_than(const QueuedMessage& message) const;
    [[nodiscard]] bool needs_subject() const { return subject.has_value(); }
    [[nodiscard]] bool needs_reason() const { return reason.has_value(); }

    /// Whether the sender alone can rule a message out, and whether it does.
    [[nodiscard]] bool minds_sender() const { return from && (from_and_to || !to); }
    [[nodiscard]] bool rules_out_sender(std::string_view sender) const;

    /// What the name and `since` tell.
    [[nodiscard]] bool matches_name(const QueuedMessage& message) const;
    /// The rest. False for a message that could not be read, if there is a rest.
    [[nodiscard]] bool matches_content(const QueuedMessage& message) const;
    [[nodiscard]] bool matches_channel(std::string_view name) const;
};

/// The switches as a table, for commands that take them.
inline constexpr std::array selector_switches = {
    Switch{"held", Switch::Value::none, "held messages instead of the others"},
    Switch{"from", Switch::Value::required, "envelope sender; wildcards; <> is the empty one"},
    Switch{"to", Switch::Value::required, "a recipient; wildcards"},
    Switch{"match", Switch::Value::required, "and, or: how -from and -to go together (or)"},
    Switch{"owner", Switch::Value::required, "messages of this user"},
    Switch{"subject", Switch::Value::required, "part of the subject"},
    Switch{"host", Switch::Value::required, "destination host; wildcards"},
    Switch{"older", Switch::Value::required, "queued before: an age (4h) or a time"},
    Switch{"newer", Switch::Value::required, "queued after: an age (4h) or a time"},
    Switch{"larger", Switch::Value::required, "more than this many octets (10k, 2M)"},
    Switch{"smaller", Switch::Value::required, "fewer than this many octets (10k, 2M)"},
    Switch{"min_tries", Switch::Value::required, "at least this many failed attempts"},
    Switch{"reason", Switch::Value::required, "part of the reason why it is held or waits"},
    Switch{"message_id", Switch::Value::required, "Message-ID of the header"},
    Switch{"sort", Switch::Value::required, "age, size, host, tries"},
    Switch{"limit", Switch::Value::required, "at most this many"},
};

/// Failures are permanent Errors for a usage message, with the ident in detail().
Result<Selector> selector_from(const CommandLine& line, WallTime now);

/// Orders by channel, then as asked; by name the youngest come first.
void sort_messages(std::vector<QueuedMessage>& messages, SortKey key);

}  // namespace sluice::utility
