#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

// Who may run what. One table, looked at in one place (imsimta.cpp) before a utility runs.
namespace sluice::utility {

class CommandLine;

/// From harmless to powerful.
enum class PrivilegeClass : std::uint8_t {
    anyone,     ///< reads nothing of the instance
    operators,  ///< reads what reveals addresses: MTA account, root, members of OPERATOR_GROUP
    queue,      ///< changes the queue or the configuration: MTA account, root
    program     ///< starts and stops the MTA: MTA account when it needs no privilege, root
};

/// What is known about who runs the program.
struct Caller {
    bool is_root = false;
    bool is_mta_account = false;
    bool is_operator = false;
};

/// The class of a parsed command line: of its command, and of each switch that raises or lowers
/// it. What the table does not know is in the most restricted class.
PrivilegeClass privilege_class_of(const CommandLine& line);
/// Whether the command looks only at files named on it and at nothing of an instance, so that
/// anybody may run it where there is none: `test` with a file to try.
bool can_do_without_instance(const CommandLine& line);
/// Whether the utility, or one of its sub-commands, is in the class `program`.
bool is_program_utility(std::string_view utility);
[[nodiscard]] bool may_run(PrivilegeClass privilege, const Caller& caller);
/// "the MTA account, root or a member of the operator group".
std::string_view who_may_run(PrivilegeClass privilege);

/// Looks at the process: effective user and groups. `mta_user` empty: the owner of `tailor_file`
/// is the MTA account. Unknown names are temporary Errors.
Result<Caller> current_caller(
    const std::string& mta_user, const std::string& tailor_file, const std::string& operator_group
);

}  // namespace sluice::utility
