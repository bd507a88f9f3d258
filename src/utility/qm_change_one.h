#pragma once

#include <chrono>
#include <string>

#include "utility/change_report.h"
#include "utility/qm_acts.h"
#include "utility/qm_targets.h"

namespace sluice::utility {

/// What a command wants of each of its messages.
struct ChangeOrder {
    Action action = Action::hold;
    std::string reason;
    std::string hold_keyword = "operator";  ///< why they are held
    std::chrono::seconds wait{0};           ///< for messages that somebody else has in hand
};

/// Carries the order out on one message after the other: waits for its lock, acts, says what became
/// of it. One thread; several of them may serve one command.
class MessageChanger {
public:
    enum class Fate : std::uint8_t { done, skipped, failed };

    MessageChanger(
        Invocation& invocation,
        QmSession& session,
        enqueue::Runtime& runtime,
        const ChangeOrder& order,
        ChangeReport& report
    );

    Fate act_on(const Target& target);

private:
    Result<queue::MessageFile> take(const Target& target, std::chrono::seconds limit);
    [[nodiscard]] bool may_force(const Error& error) const;
    Fate delete_in_use(const Target& target);
    Fate act_on_own(const Target& target, queue::MessageFile file);
    Fate could_not_take(const Target& target, const Error& error);
    Fate failed(const Target& target, const Error& error);
    std::string who_has(const Target& target);
    bool may_act(const Target& target, const queue::MessageFile& file);
    Result<bool> carry_out(const Target& target, OwnedMessage& message);
    Result<bool> give_up(const Target& target, OwnedMessage& message);
    Result<bool> release(OwnedMessage& message);
    Result<bool> retry(const Target& target, OwnedMessage& message);

    const CommandLine& line_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    const ChangeOrder& order_;
    ChangeReport& report_;
    MessageActs acts_;
};

}  // namespace sluice::utility
