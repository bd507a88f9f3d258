#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

std::span<const Command> all_utilities() {
    // Copied on first use: the commands are constants of other files.
    static const Command utilities[] = {
        block_command,        cache_command,      cnbuild_command, counters_command,
        crdb_command,         dispatcher_command, dumpdb_command,  find_command,
        help_command,         kill_command,       logconv_command, logs_command,
        mailq_command,        metermaid_command,  passwd_command,  process_command,
        process_held_command, program_command,    purge_command,   qclean_command,
        qm_command,           qtop_command,       refresh_command, reload_command,
        renamedb_command,     restart_command,    return_command,  return_job_command,
        run_command,          shutdown_command,   start_command,   startup_command,
        statistics_command,   stop_command,       submit_command,  submit_master_command,
        tai64nlocal_command,  test_command,       track_command,   version_command,
        view_command,
    };
    return utilities;
}

}  // namespace sluice::utility
