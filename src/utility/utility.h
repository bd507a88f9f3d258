#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "config/options.h"
#include "config/tailor.h"
#include "utility/command_line.h"
#include "utility/message.h"

// What a utility gets and what it is. A new one: its own file with a `const Command x_command`, a
// line in utilities.h and in registry.cpp, a row in the table of privileges.cpp, its manual page.
namespace sluice::utility {

/// The tailor and option files of the instance a utility works on.
struct Instance {
    config::Tailor tailor;
    config::Options options;
    Diagnostics findings;  ///< about both files
};

/// One run of a utility. Lives as long as the run.
class Invocation {
public:
    Invocation(const CommandLine& line, Console& console, const Instance* instance)
        : line_(line), console_(console), instance_(instance) {}

    [[nodiscard]] const CommandLine& line() const { return line_; }
    [[nodiscard]] Console& console() const { return console_; }
    /// Never null for a utility above PrivilegeClass::anyone.
    [[nodiscard]] const Instance* instance() const { return instance_; }

private:
    const CommandLine& line_;
    Console& console_;
    const Instance* instance_;
};

/// All utilities, in alphabetical order.
std::span<const Command> all_utilities();

/// What the program needs from outside, so that tests can give it.
struct Environment {
    /// The value of an environment variable.
    std::function<std::optional<std::string>(const char* name)> variable;
};

/// The whole program: parse, check privileges, give up root, run. `words` without the program's
/// name.
ExitCode run_imsimta(
    std::span<const std::string> words, Console& console, const Environment& environment
);

/// Loads the tailor and option files of the instance that IMTA_TAILOR names, and gives up root in
/// between unless told otherwise.
Result<Instance> load_instance(const Environment& environment, bool keep_root);

}  // namespace sluice::utility
