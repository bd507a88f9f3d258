#pragma once

#include <optional>
#include <string>
#include <vector>

#include "utility/qm_session.h"

// What a command that acts on messages acts on: numbers of the last listing, or what its switches
// describe.
namespace sluice::utility {

struct Target {
    QueuedMessage message;
    std::size_t number = 0;  ///< in the last listing; 0 where it was not chosen by number

    /// "message 3", or the file's name.
    [[nodiscard]] std::string name() const;
};

struct Targets {
    std::vector<Target> messages;
    /// A set was described, nothing was named: to be confirmed as a whole.
    bool is_set = false;
};

/// Switches of commands that act on messages.
inline constexpr std::array target_switches = {
    Switch{"all", Switch::Value::none, "everything of the last listing"},
    Switch{"channel", Switch::Value::required, "only messages of this channel"},
    Switch{"file", Switch::Value::required, "the file channel/sub-directory/name"},
    Switch{"id", Switch::Value::required, "the file whose name has this unique part"},
};

struct TargetRules {
    bool held_by_default = false;       ///< a selection means held messages unless -noheld is given
    bool reason_selects = true;         ///< -reason is part of the selection
    bool named_only = false;            ///< switches that describe messages mean something else
    bool files_are_parameters = false;  ///< the parameters are file names, with wildcards
};

/// Finds them. On failure the reason is said on the console and the exit code returned in `code`.
std::optional<Targets> find_targets(
    Invocation& invocation,
    QmSession& session,
    enqueue::Runtime& runtime,
    const TargetRules& rules,
    ExitCode& code
);

}  // namespace sluice::utility
