#pragma once

#include <array>
#include <utility>

#include "utility/command_line.h"
#include "utility/qm_selector.h"

// The sub-commands of qm, defined in the qm_*.cpp files.
namespace sluice::utility {

extern const Command qm_clean_command;
extern const Command qm_counters_command;
extern const Command qm_delete_command;
extern const Command qm_directory_command;
extern const Command qm_expire_command;
extern const Command qm_export_command;
extern const Command qm_held_command;
extern const Command qm_history_command;
extern const Command qm_hold_command;
extern const Command qm_hosts_command;
extern const Command qm_import_command;
extern const Command qm_jobs_command;
extern const Command qm_messages_command;
extern const Command qm_read_command;
extern const Command qm_readdress_command;
extern const Command qm_release_command;
extern const Command qm_resender_command;
extern const Command qm_retry_command;
extern const Command qm_return_command;
extern const Command qm_start_command;
extern const Command qm_stop_command;
extern const Command qm_summarize_command;
extern const Command qm_top_command;

/// Two tables of switches as one.
template <std::size_t A, std::size_t B>
constexpr std::array<Switch, A + B> joined(
    const std::array<Switch, A>& first, const std::array<Switch, B>& second
) {
    std::array<Switch, A + B> out{};
    for (std::size_t i = 0; i < A; ++i) out[i] = first[i];
    for (std::size_t i = 0; i < B; ++i) out[A + i] = second[i];
    return out;
}

/// Of every command that changes messages.
inline constexpr std::array change_switches = {
    Switch{"confirm", Switch::Value::none, "ask about each message; -no: do not ask at all"},
    Switch{"dry_run", Switch::Value::none, "show which, do nothing"},
    Switch{"log", Switch::Value::none, "a line for each message (default)"},
    Switch{"wait", Switch::Value::optional, "seconds to wait for a message in use (60)"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace sluice::utility
