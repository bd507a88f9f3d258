// imsimta restart, refresh, kill: the ways to renew daemons, from the gentle to the rough.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/bytes.h"
#include "utility/components.h"
#include "utility/restart_service.h"
#include "utility/utilities.h"
#include "utility/utility.h"
#include "utility/watcher.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "IMTA";

const std::string& run_directory(const Invocation& invocation) {
    return invocation.instance()->tailor.path(config::TailorEntry::run);
}

bool send(const std::string& directory, std::string_view daemon, int signal) {
    const int pid = running_pid(pid_file(directory, daemon));
    return pid != 0 && ::kill(pid, signal) == 0;
}

// dispatcher: its workers take the configuration. A service of it: gets new workers; no socket is
// closed. Any other: it ends and the watcher starts it again.
ExitCode restart(Invocation& invocation) {
    const auto& parameters = invocation.line().parameters();
    const std::string name = parameters.empty() ? "" : to_lower(parameters.front());
    const bool is_dispatcher = name == "dispatcher";
    const auto component = component_named(name);
    const std::string& directory = run_directory(invocation);
    const int watcher = watcher_pid(directory);
    if (watcher == 0) return not_running(invocation);
    // What cannot be used must not take the place of what runs.
    const auto configuration = config::load_published(invocation.instance()->tailor.file());
    if (!configuration) {
        invocation.console().fatal(facility, "BADCONFIG", configuration.error().detail());
        return ExitCode::configuration;
    }
    if (!name.empty() && !component) {
        const auto* service = (*configuration)->dispatcher.find(name);
        if (service == nullptr) return unknown_component(invocation, name);
        return restart_service(invocation, service->name);
    }
    const bool sent = name.empty()    ? ::kill(watcher, SIGHUP) == 0
                      : is_dispatcher ? send(directory, "dispatcher", SIGHUP)
                                      : send(directory, *component, SIGTERM);
    if (!sent) {
        invocation.console().error(facility, "NOTRESTARTED", "the component does not run");
        return ExitCode::no_daemon;
    }
    invocation.console().success(
        facility, "RESTARTED", (name.empty() ? "all components" : name) + " restarting"
    );
    return ExitCode::done;
}

ExitCode kill_component(Invocation& invocation) {
    Console& console = invocation.console();
    const auto component = component_named(invocation.line().parameters().front());
    if (!component) return unknown_component(invocation, invocation.line().parameters().front());
    const std::string name(*component);
    const std::string& directory = run_directory(invocation);
    const int pid = running_pid(pid_file(directory, name));
    if (pid == 0) {
        console.error(facility, "NOTRUNNING", name + " is not running");
        return ExitCode::no_daemon;
    }
    const std::string question =
        "End " + name + ", process " + std::to_string(pid) + ", at once, with all it has in hand?";
    const bool asks = console.can_ask() && !invocation.line().is_negated("confirm");
    if (asks && !console.confirm(question)) {
        console.warning(facility, "CANCELLED", "nothing was done");
        return ExitCode::cancelled;
    }
    if (::kill(pid, SIGKILL) != 0) {
        console.error(facility, "NOTKILLED", Error::from_errno(errno, "signal " + name).detail());
        return ExitCode::failed;
    }
    const bool comes_back = watcher_pid(directory) != 0 && !is_marked_stopped(directory, name);
    console.success(
        facility, "KILLED",
        name + " was ended, process " + std::to_string(pid) +
            (comes_back ? "; the watcher starts another" : "")
    );
    return ExitCode::done;
}

/// `imsimta cnbuild` as the operator would type it: it leaves root by itself, and we may need it.
Result<int> build_configuration() {
    std::string program = "/proc/self/exe";
    std::string word = "cnbuild";
    char* const words[] = {program.data(), word.data(), nullptr};
    pid_t child = 0;
    const int error = ::posix_spawn(&child, program.c_str(), nullptr, nullptr, words, environ);
    if (error != 0) return Error::from_errno(error, "start imsimta cnbuild");
    int status = 0;
    while (::waitpid(child, &status, 0) != child) {
        if (errno != EINTR) return Error::from_errno(errno, "wait for imsimta cnbuild");
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(ExitCode::failed);
}

ExitCode refresh(Invocation& invocation) {
    Console& console = invocation.console();
    const auto built = build_configuration();
    if (!built) {
        console.error(facility, "NOCNBUILD", built.error().detail());
        return ExitCode::failed;
    }
    if (*built != 0) return static_cast<ExitCode>(*built);
    console.info(
        facility, "ADVICE", "\"imsimta cnbuild\" and \"imsimta reload\" do without a restart"
    );
    return restart(invocation);
}

constexpr Switch kill_switches[] = {
    {"confirm", Switch::Value::none, "ask at a terminal (default); -noconfirm: do not ask"},
};

}  // namespace

const Command restart_command = {
    .name = "restart",
    .summary = "let the components take the published configuration",
    .parameters = "[dispatcher|job_controller|service]",
    .switches = {},
    .most_parameters = 1,
    .run = restart,
};
const Command refresh_command = {
    .name = "refresh",
    .summary = "cnbuild, then restart; reload is gentler",
    .parameters = "[dispatcher|job_controller|service]",
    .switches = {},
    .most_parameters = 1,
    .run = refresh,
};
const Command kill_command = {
    .name = "kill",
    .summary = "end a component at once, where stop does not help",
    .parameters = "dispatcher|job_controller",
    .switches = kill_switches,
    .least_parameters = 1,
    .most_parameters = 1,
    .run = kill_component,
};

}  // namespace sluice::utility
