#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "utility/exit_code.h"

// Where systemd runs the instance, `imsimta start` and `stop` ask systemd: else it would start
// again what was stopped, and not watch what was started (option SERVICE_MANAGER).
namespace sluice::utility {

class Invocation;

inline constexpr std::string_view service_unit = "sluice.service";

/// What a command said, on both standard streams, and its exit status.
struct CommandResult {
    int status = 0;
    std::string output;
};
using CommandRunner = std::function<Result<CommandResult>(const std::vector<std::string>& words)>;
/// The first word is the path of the program.
Result<CommandResult> run_and_collect(const std::vector<std::string>& words);

/// What `systemctl show` says about the unit.
struct UnitState {
    bool is_ours = false;  ///< loaded, and its IMTA_TAILOR is the tailor file given
    bool is_active = false;
};
UnitState parse_unit_state(std::string_view shown, std::string_view tailor_file);

/// The system as it is, or as a test has it.
struct ServiceManagement {
    bool booted = false;  ///< systemd is the first process
    bool inside = false;  ///< we are part of the unit: whoever asks systemd then waits for itself
    std::string program = "/usr/bin/systemctl";
    CommandRunner run = run_and_collect;

    static ServiceManagement of_this_system();
};

enum class ManagerVerb { start, stop };

/// What SERVICE_MANAGER (`option`: auto, none, systemd) makes of the command: its end, or nullopt
/// where it is ours to do.
std::optional<ExitCode> through_service_manager(
    Invocation& invocation,
    ManagerVerb verb,
    std::string_view option,
    const ServiceManagement& system
);

}  // namespace sluice::utility
