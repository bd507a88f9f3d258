#pragma once

#include <span>
#include <string_view>

#include "config/options.h"
#include "log/event_switches.h"
#include "log/log_options.h"

namespace sluice::config {

/// The LOG_* options of an option file in the form in which the transaction log takes them: for who
/// writes a log and for who reads it again. `local_host`: the official local host name, which only
/// writers need (LOG_LOCAL). A channel's own LOG_CONNECTION is not in it. Pure.
[[nodiscard]] log::LogOptions transaction_log_options(
    const Options& options, std::string_view local_host = {}
);

/// What LOG_COMMANDS may name.
[[nodiscard]] std::span<const log::EventSwitches::Name> logged_command_names();

}  // namespace sluice::config
