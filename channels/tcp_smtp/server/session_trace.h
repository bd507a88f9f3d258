#pragma once

#include <string>
#include <string_view>

#include "log/dialogue_text.h"
#include "policy/decision.h"

namespace sluice::smtp_server {

/// Debugging output of one session in the component log, asked for by keyword slave_debug or, while
/// the session runs, by `$U` of an access table. Belongs to one thread.
class SessionTrace {
public:
    /// The dialogue, command by command.
    static constexpr int dialogue_level = 1;
    /// Besides: every rewrite rule and table entry that was tried.
    static constexpr int policy_level = 5;

    /// `peer` begins every line.
    explicit SessionTrace(std::string peer) : peer_(std::move(peer)) {}

    void set_level(int level) { level_ = level; }
    [[nodiscard]] bool shows_dialogue() const { return level_ >= dialogue_level; }
    [[nodiscard]] bool shows_policy() const { return level_ >= policy_level; }

    /// Octets of commands as they came, cut anywhere; no message content.
    void client_said(std::string_view octets);
    /// Whole replies.
    void server_said(std::string_view octets);
    void decided(const policy::Trace& trace) const;
    void note(std::string_view text) const;

private:
    void lines(char direction, std::string_view octets);

    std::string peer_;
    int level_ = 0;
    std::string line_;  ///< of the client, incomplete
    log::DialogueMask mask_;
};

}  // namespace sluice::smtp_server
