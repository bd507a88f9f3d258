#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "base/privilege.h"
#include "config/options.h"
#include "config/tailor.h"
#include "utility/command_line.h"
#include "utility/message.h"
#include "utility/privileges.h"

// What a utility gets and what it is. A new one: its own file with a `const Command x_command`, a
// line in utilities.h and in registry.cpp, a row in the table of privileges.cpp, its manual page.
namespace sluice::utility {

/// The tailor and option files of the instance a utility works on.
struct Instance {
    config::Tailor tailor;
    config::Options options;
    Diagnostics findings;  ///< about both files
};

class QmSession;

/// Who runs a command, for the audit log and for further commands of a session.
struct Operator {
    std::uint32_t user_id = 0;  ///< before root was given up
    Caller caller;
    std::string command;  ///< the command line as typed
};

/// One run of a utility. Lives as long as the run.
class Invocation {
public:
    Invocation(
        const CommandLine& line,
        Console& console,
        const Instance* instance,
        const Operator& who = {},
        QmSession* session = nullptr
    )
        : line_(line), console_(console), instance_(instance), who_(who), session_(session) {}

    [[nodiscard]] const CommandLine& line() const { return line_; }
    [[nodiscard]] Console& console() const { return console_; }
    /// Never null for a utility above PrivilegeClass::anyone.
    /// Null also for a command that can do without one and found none.
    [[nodiscard]] const Instance* instance() const { return instance_; }
    [[nodiscard]] const Operator& who() const { return who_; }
    /// The interactive session that the command was typed in; null for one from the shell.
    [[nodiscard]] QmSession* session() const { return session_; }

private:
    const CommandLine& line_;
    Console& console_;
    const Instance* instance_;
    Operator who_;
    QmSession* session_;
};

/// All utilities, in alphabetical order.
std::span<const Command> all_utilities();

/// What the program needs from outside, so that tests can give it.
struct Environment {
    /// The value of an environment variable.
    std::function<std::optional<std::string>(const char* name)> variable;
    /// Gives root up for the account of the instance; tests stay who they are.
    std::function<Result<void>(const std::string& user, const std::string& tailor_file)>
        give_up_root = sluice::give_up_root;
};

/// The whole program: parse, check privileges, give up root, run. `words` without the program's
/// name.
ExitCode run_imsimta(
    std::span<const std::string> words, Console& console, const Environment& environment
);

/// Says so and returns the exit code where this caller may not run the command.
std::optional<ExitCode> refuse_unprivileged(
    const CommandLine& line, const Caller& caller, Console& console
);

/// Loads the tailor and option files of the instance that IMTA_TAILOR names, and gives up root in
/// between unless told otherwise.
Result<Instance> load_instance(const Environment& environment, bool keep_root);

}  // namespace sluice::utility
