#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

std::span<const Command> all_utilities() {
    // Copied on first use: the commands are constants of other files.
    static const Command utilities[] = {
        cache_command,   cnbuild_command, crdb_command,   dumpdb_command,      help_command,
        mailq_command,   process_command, qm_command,     reload_command,      renamedb_command,
        restart_command, return_command,  run_command,    shutdown_command,    start_command,
        startup_command, stop_command,    submit_command, tai64nlocal_command, test_command,
        version_command,
    };
    return utilities;
}

}  // namespace sluice::utility
