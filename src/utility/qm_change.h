#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "utility/change_report.h"
#include "utility/progress.h"
#include "utility/qm_change_one.h"
#include "utility/qm_targets.h"

namespace sluice::utility {

/// "412 messages, 3 channels, 5120 blocks"; without the blocks where sizes are not known.
std::string counted_text(const std::vector<Target>& targets, std::uint64_t block_size);

/// Carries out one command that changes messages: asks, has each message changed, many of them on
/// several threads, and counts what became of them. One object for each command.
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
    std::optional<ExitCode> read_wait();
    bool confirm_one(const Target& target);
    ExitCode cancelled();
    ExitCode only_show(const Targets& targets);
    [[nodiscard]] bool may_use_threads(const Targets& targets) const;
    void act_in_order(const Targets& targets, Progress& progress);
    void act_on_many(const Targets& targets, Progress& progress);
    void count(MessageChanger::Fate fate);
    [[nodiscard]] ExitCode exit_code() const;

    Invocation& invocation_;
    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    ChangeReport report_;
    ChangeOrder order_;
    unsigned long done_ = 0;
    unsigned long skipped_ = 0;
    unsigned long failed_ = 0;
    unsigned long cancelled_ = 0;
};

}  // namespace sluice::utility
