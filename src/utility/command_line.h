#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "utility/exit_code.h"

// The shape of an imsimta command line (docs/man/imsimta.8):
//   imsimta utility [sub-command] [-switch[=value] ...] [parameter ...]
// Words may be cut to any unique prefix and written in any case; values are passed on as they are.
namespace sluice::utility {

class Invocation;

/// A switch a command knows.
struct Switch {
    enum class Value : std::uint8_t {
        none,        ///< -x, and -nox
        optional,    ///< -x, -x=value, and -nox
        required,    ///< -x=value
        negatable,   ///< -x=value, and -nox
        structured,  ///< -x=(KEY=n,KEY=n)
        word,        ///< -x=value or -x value; the value may be empty
    };
    std::string_view name;  ///< lower case, without "-"
    Value value = Value::none;
    std::string_view help;  ///< half a line

    [[nodiscard]] bool may_be_negated() const {
        return value == Value::none || value == Value::optional || value == Value::negatable;
    }
};

/// A utility or sub-command, as data. Tables of these have static storage.
struct Command {
    std::string_view name;
    std::string_view summary;          ///< one line for `imsimta help`
    std::string_view parameters = {};  ///< for the usage line: "[channel] [id ...]"
    std::span<const Switch> switches = {};
    std::size_t least_parameters = 0;
    std::size_t most_parameters = 0;  ///< any_number for no limit
    /// What it does; nullptr where a sub-command is required.
    ExitCode (*run)(Invocation& invocation) = nullptr;
    std::span<const Command> subcommands = {};
};
inline constexpr std::size_t any_number = static_cast<std::size_t>(-1);

/// A command line taken apart.
class CommandLine {
public:
    /// The command meant: a utility, or the deepest sub-command given.
    [[nodiscard]] const Command& command() const { return *path_.back(); }
    /// "qm directory".
    [[nodiscard]] std::string command_name() const;

    /// Whether -name was given and not taken back by a later -noname.
    [[nodiscard]] bool has(std::string_view name) const;
    /// Whether -noname was the last word about it.
    [[nodiscard]] bool is_negated(std::string_view name) const;
    /// The value of -name=value; nullopt without the switch or without a value.
    [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
    /// The pairs of -name=(KEY=n,KEY=n), keys in upper case.
    [[nodiscard]] std::map<std::string, std::string> pairs(std::string_view name) const;
    /// Names of all switches in effect.
    [[nodiscard]] std::vector<std::string_view> switches() const;
    [[nodiscard]] const std::vector<std::string>& parameters() const { return parameters_; }

private:
    friend class CommandLineParser;
    struct Given {
        const Switch* what;
        bool negated;
        std::optional<std::string> value;
    };
    [[nodiscard]] const Given* find(std::string_view name) const;

    std::vector<const Command*> path_;
    std::vector<Given> given_;
    std::vector<std::string> parameters_;
};

struct CommandLineSyntax {
    bool slash_switches = false;  ///< /SWITCH is accepted too (option CLI_SLASH_SWITCHES)
};

/// Takes `words` (without the program's name) apart. Failures are permanent Errors whose detail()
/// is the ident of the message to print: NOVERB, UNKVERB, AMBIG, UNKSWITCH, NOTNEG, NOVALUE,
/// VALUE, MISSING, TOOMANY.
Result<CommandLine> parse_command_line(
    std::span<const Command> utilities,
    std::span<const std::string> words,
    const CommandLineSyntax& syntax = {}
);

/// "imsimta version [-json]" and the lines about its switches and sub-commands. `name` is the
/// whole name of the command, "qm directory".
std::string command_help(const Command& command, std::string_view name);

/// Result of a look-up by unique prefix.
template <class T>
struct PrefixMatch {
    const T* match = nullptr;          ///< nullptr: none, or several
    std::vector<const T*> candidates;  ///< several
};
/// An exact name beats longer ones that begin with it. Any case.
PrefixMatch<Command> match_command(std::span<const Command> commands, std::string_view word);
PrefixMatch<Switch> match_switch(std::span<const Switch> switches, std::string_view word);

}  // namespace sluice::utility
