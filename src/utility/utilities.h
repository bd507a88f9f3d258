#pragma once

#include "utility/command_line.h"

// The utilities, each defined in the file of its name.
namespace sluice::utility {

extern const Command block_command;
extern const Command cache_command;
extern const Command cnbuild_command;
extern const Command counters_command;
extern const Command crdb_command;
extern const Command dispatcher_command;
extern const Command dumpdb_command;
extern const Command find_command;
extern const Command help_command;
extern const Command kill_command;
extern const Command logs_command;
extern const Command logconv_command;
extern const Command mailq_command;
extern const Command metermaid_command;
extern const Command passwd_command;
extern const Command process_command;
extern const Command process_held_command;
extern const Command program_command;
extern const Command purge_command;
extern const Command qclean_command;
extern const Command qm_command;
extern const Command qtop_command;
extern const Command refresh_command;
extern const Command reload_command;
extern const Command renamedb_command;
extern const Command restart_command;
extern const Command return_command;
extern const Command return_job_command;
extern const Command run_command;
extern const Command shutdown_command;
extern const Command start_command;
extern const Command startup_command;
extern const Command statistics_command;
extern const Command stop_command;
extern const Command submit_command;
extern const Command tai64nlocal_command;
extern const Command submit_master_command;
extern const Command test_command;
extern const Command track_command;
extern const Command version_command;
extern const Command view_command;

}  // namespace sluice::utility
