#include "utility/components.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/privilege.h"
#include "utility/patience.h"
#include "utility/utility.h"
#include "utility/watcher.h"

namespace sluice::utility {

namespace {

using config::TailorEntry;

constexpr std::string_view facility = "IMTA";
constexpr std::array<std::string_view, 2> components{"dispatcher", "job_controller"};

std::string mark_of(const std::string& run_directory, std::string_view daemon) {
    return run_directory + std::string(daemon) + ".stopped";
}

std::vector<std::string_view> meant_by(
    const std::string& run_directory, std::optional<std::string_view> component
) {
    std::vector<std::string_view> found;
    for (const std::string_view each : components) {
        if (component ? *component == each : is_marked_stopped(run_directory, each))
            found.push_back(each);
    }
    return found;
}

std::string names(const std::vector<std::string_view>& daemons) {
    std::string text;
    for (const std::string_view each : daemons)
        text += (text.empty() ? "" : ", ") + std::string(each);
    return text;
}

bool runs(const std::string& run_directory, std::string_view daemon) {
    return running_pid(pid_file(run_directory, daemon)) != 0;
}

ExitCode complain(Invocation& invocation, std::string_view ident, const Error& error) {
    invocation.console().error(facility, ident, error.detail());
    return ExitCode::failed;
}

}  // namespace

bool is_marked_stopped(const std::string& run_directory, std::string_view daemon) {
    return file_exists(mark_of(run_directory, daemon));
}

Result<void> mark_stopped(const std::string& run_directory, std::string_view daemon) {
    return replace_file(mark_of(run_directory, daemon), "stopped by an operator\n");
}

Result<void> unmark_stopped(const std::string& run_directory, std::string_view daemon) {
    const std::string mark = mark_of(run_directory, daemon);
    if (::unlink(mark.c_str()) == 0 || errno == ENOENT) return {};
    return Error::from_errno(errno, "remove " + mark);
}

std::optional<std::string_view> component_named(std::string_view name) {
    const auto found =
        std::find_if(components.begin(), components.end(), [&](std::string_view each) {
            return equals_ignoring_case(name, each);
        });
    return found == components.end() ? std::nullopt : std::optional(*found);
}

ExitCode unknown_component(Invocation& invocation, std::string_view name) {
    invocation.console().error(
        facility, "UNKCOMP",
        "no such component: " + std::string(name) + "; there are " +
            names({components.begin(), components.end()})
    );
    return ExitCode::usage;
}

ExitCode not_running(Invocation& invocation) {
    invocation.console().warning(facility, "NOTRUNNING", "the MTA is not running");
    return ExitCode::done;
}

Result<void> settle_marks(
    const std::string& run_directory, std::optional<std::string_view> component
) {
    for (const std::string_view each : components) {
        const bool wanted = !component || *component == each;
        auto settled =
            wanted ? unmark_stopped(run_directory, each) : mark_stopped(run_directory, each);
        if (!settled) return settled;
    }
    return {};
}

ExitCode start_components(Invocation& invocation, std::optional<std::string_view> component) {
    const std::string& directory = invocation.instance()->tailor.path(TailorEntry::run);
    const auto daemons = meant_by(directory, component);
    const bool all_run = std::all_of(daemons.begin(), daemons.end(), [&](std::string_view each) {
        return runs(directory, each) && !is_marked_stopped(directory, each);
    });
    if (all_run) {
        const std::string what = component ? std::string(*component) : "the MTA";
        invocation.console().info(facility, "RUNNING", what + " is running already");
        return ExitCode::done;
    }
    for (const std::string_view each : daemons) {
        if (auto unmarked = unmark_stopped(directory, each); !unmarked)
            return complain(invocation, "NOTSTARTED", unmarked.error());
    }
    const bool started = wait_until(start_patience, [&] {
        return std::all_of(daemons.begin(), daemons.end(), [&](std::string_view each) {
            return runs(directory, each);
        });
    });
    if (!started) {
        invocation.console().error(
            facility, "NOTSTARTED", names(daemons) + " did not start; see watcher.log"
        );
        return ExitCode::failed;
    }
    invocation.console().success(facility, "STARTED", "running: " + names(daemons));
    return ExitCode::done;
}

ExitCode stop_component(Invocation& invocation, std::string_view component) {
    const config::Tailor& tailor = invocation.instance()->tailor;
    const std::string& directory = tailor.path(TailorEntry::run);
    if (watcher_pid(directory) == 0) return not_running(invocation);
    const auto limit = stop_limit(invocation);
    if (!limit) return ExitCode::usage;
    // The mark is the account's, as all that is in its directory.
    if (auto dropped = give_up_root(tailor.text(TailorEntry::user), tailor.file()); !dropped)
        return complain(invocation, "ROOT", dropped.error());
    if (auto marked = mark_stopped(directory, component); !marked)
        return complain(invocation, "NOTSTOPPED", marked.error());
    if (!wait_until(*limit, [&] { return !runs(directory, component); })) {
        invocation.console().error(
            facility, "NOTSTOPPED", std::string(component) + " is still stopping"
        );
        return ExitCode::failed;
    }
    invocation.console().success(
        facility, "STOPPED",
        std::string(component) + " has stopped; \"imsimta start " + std::string(component) +
            "\" starts it"
    );
    return ExitCode::done;
}

}  // namespace sluice::utility
