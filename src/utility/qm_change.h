#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "utility/qm_acts.h"
#include "utility/qm_targets.h"

namespace sluice::utility {

enum class Action : std::uint8_t { remove, bounce, expire, hold, release, retry };

struct ActionText {
    std::string_view verb;      ///< "Delete 3 messages?"
    std::string_view done;      ///< "deleted the message file ..."
    std::string_view not_done;  ///< "not deleted"
    std::string_view ident;
};
const ActionText& text_of(Action action);

/// "412 messages, 3 channels, 5120 blocks"; without the blocks where sizes are not known.
std::string counted_text(const std::vector<Target>& targets, std::uint64_t block_size);

/// Carries out one command that changes messages: asks, waits for locks, acts on one message after
/// the other, says what became of each. One object for each command.
class MessageChange {
public:
    MessageChange(
        Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, Action action
    );

    /// Finds what the command line is about and does it.
    ExitCode run(const TargetRules& rules);
    /// The same with messages found already. `hold_keyword`: why they are held.
    ExitCode run(const Targets& targets, const std::string& hold_keyword = "operator");

private:
    /// What became of one message.
    enum class Fate : std::uint8_t { done, skipped, failed };

    std::optional<ExitCode> read_wait();
    bool confirm_one(const Target& target);
    ExitCode cancelled();
    ExitCode only_show(const Targets& targets);
    void count(Fate fate);
    [[nodiscard]] ExitCode exit_code() const;

    Fate act_on(const Target& target);
    Result<queue::MessageFile> take(const Target& target);
    Result<queue::MessageFile> take_within(const Target& target, std::chrono::seconds limit);
    [[nodiscard]] bool may_force(const Error& error) const;
    Fate delete_in_use(const Target& target);
    Fate act_on_own(const Target& target, queue::MessageFile file);
    Fate could_not_take(const Target& target, const Error& error);
    std::string who_has(const Target& target);
    bool may_act(const Target& target, const queue::MessageFile& file);
    bool is_unchanged(const Target& target, const queue::MessageFile& file);
    Result<bool> carry_out(const Target& target, OwnedMessage& message);
    Result<bool> give_up(const Target& target, OwnedMessage& message);
    Result<bool> release(OwnedMessage& message);
    Result<bool> retry(const Target& target, OwnedMessage& message);

    void json_line(const Target& target, std::string_view outcome, const std::string& text);
    void warn(const Target& target, std::string_view ident, std::string text);
    Fate failed(const Target& target, const Error& error);
    void tell_done(const Target& target, const OwnedMessage& message);

    Invocation& invocation_;
    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    Action action_;
    MessageActs acts_;
    std::string reason_;
    std::string hold_keyword_ = "operator";
    std::chrono::seconds wait_{0};
    unsigned long done_ = 0;
    unsigned long skipped_ = 0;
    unsigned long failed_ = 0;
    unsigned long cancelled_ = 0;
    bool said_no_controller_ = false;
};

}  // namespace sluice::utility
