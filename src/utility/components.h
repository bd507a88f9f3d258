#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/tailor.h"
#include "utility/command_line.h"

// Daemons that an operator may stop and start apart from the others. A mark in the run directory
// tells the watcher to leave one alone: it outlives the watcher, not `imsimta start`.
namespace sluice::utility {

class Invocation;

[[nodiscard]] bool is_marked_stopped(const std::string& run_directory, std::string_view daemon);
Result<void> mark_stopped(const std::string& run_directory, std::string_view daemon);
Result<void> unmark_stopped(const std::string& run_directory, std::string_view daemon);

/// The daemon that a command's parameter names, in its own spelling; nullopt: there is none.
std::optional<std::string_view> component_named(std::string_view name);

/// Says that there is no such component.
ExitCode unknown_component(Invocation& invocation, std::string_view name);
/// Says that nothing runs.
ExitCode not_running(Invocation& invocation);

/// Before the watcher begins: with `component` the others are marked, without nobody is.
Result<void> settle_marks(
    const std::string& run_directory, std::optional<std::string_view> component
);
/// The watcher runs: it starts this one, or all that are marked, and they are waited for.
ExitCode start_components(Invocation& invocation, std::optional<std::string_view> component);
/// The watcher ends this one and leaves it alone.
ExitCode stop_component(Invocation& invocation, std::string_view component);

}  // namespace sluice::utility
