#pragma once

#include <mutex>
#include <string>
#include <string_view>

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

/// Says what became of each message, in lines for people or as JSON. Thread-safe.
class ChangeReport {
public:
    ChangeReport(
        Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, Action action
    );

    [[nodiscard]] const ActionText& text() const { return text_of(action_); }
    void json_line(
        const Target& target, std::string_view outcome, const std::string& explanation = {}
    );
    void warn(const Target& target, std::string_view ident, std::string explanation);
    void failed(const Target& target, const Error& error);
    void marked(const Target& target, std::string explanation);
    void done(const Target& target, const OwnedMessage& message);
    /// Once for a command.
    void no_controller();
    bool confirm(const std::string& question);

private:
    void write_json(const Target& target, std::string_view outcome, const std::string& explanation);

    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    const Action action_;
    bool said_no_controller_ = false;
};

}  // namespace sluice::utility
