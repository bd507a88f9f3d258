// imsimta start, stop, shutdown, startup: the life of the daemons, through the watcher.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <thread>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/service_manager.h"
#include "enqueue/event_sinks.h"
#include "queue/scan.h"
#include "queue/store.h"
#include "return_job/return_job.h"
#include "utility/components.h"
#include "utility/patience.h"
#include "utility/service_unit.h"
#include "utility/utilities.h"
#include "utility/utility.h"
#include "utility/watcher.h"

namespace sluice::utility {

namespace {

using config::TailorEntry;
constexpr std::string_view facility = "IMTA";

const std::string& run_directory(const Invocation& invocation) {
    return invocation.instance()->tailor.path(TailorEntry::run);
}

// The directories that an instance needs are made where their parent exists; a queue whose file
// system is not mounted shows as a missing parent.
Result<void> make_instance_directories(const config::Tailor& tailor) {
    for (const TailorEntry entry :
         {TailorEntry::log, TailorEntry::tmp, TailorEntry::run, TailorEntry::store,
          TailorEntry::queue}) {
        std::string path = tailor.path(entry);
        while (path.size() > 1 && path.back() == '/') path.pop_back();
        if (file_exists(path)) continue;
        const unsigned mode =
            entry == TailorEntry::queue || entry == TailorEntry::store ? 0700 : 0755;
        if (auto made = make_directories(path, mode); !made) return made;
    }
    return {};
}

Result<std::unique_ptr<queue::Store>> open_queue(const config::Tailor& tailor) {
    std::string root = tailor.path(TailorEntry::queue);
    while (root.size() > 1 && root.back() == '/') root.pop_back();
    const queue::RootFindings findings = queue::check_root(root);
    for (const std::string& warning : findings.warnings) diag::warning("queue: " + warning);
    if (!findings.refusals.empty()) {
        return Error::permanent(
            {5, 3, 5}, "queue not usable", "queue " + root + ": " + findings.refusals.front()
        );
    }
    return queue::Store::open(root);
}

// In the background nobody reads the console, so the log says it too.
ExitCode refuse_start(Invocation& invocation, std::string_view ident, const Error& error) {
    const std::string& text = error.detail().empty() ? error.text() : error.detail();
    invocation.console().fatal(facility, ident, text);
    if (!invocation.line().has("foreground")) diag::warning("not started: " + text);
    return ident == "BADCONFIG" ? ExitCode::configuration : ExitCode::failed;
}

bool needs_root(const WatcherSettings& settings) {
    for (const WatchedDaemon& daemon : settings.daemons) {
        if (daemon.keeps_root) return ::geteuid() == 0;
    }
    return false;
}

/// The watcher of an instance with ports below 1024 stays root for its dispatcher's sake, but what
/// it makes is the MTA account's.
Result<ActingAs> act_as_owner(const WatcherSettings& settings) {
    const auto account = mta_account(settings.user, settings.tailor_file);
    if (!account) return account.error();
    if (account->user == 0) {
        return Error::permanent(
            {5, 3, 5}, "will not run as root",
            "the MTA account is root: name another one as IMTA_USER in the tailor file"
        );
    }
    return ActingAs::begin(*account);
}

/// In the background there is no standard output that anybody could read.
StdoutRelay relay_for(const config::Configuration& configuration, bool foreground) {
    if (!foreground) {
        const auto id = config::OptionId::log_stdout;
        if (configuration.options.is_set(id))
            diag::warning("LOG_STDOUT has an effect with imsimta start -foreground only");
        return {};
    }
    auto relay = StdoutRelay::open(enqueue::stdout_socket(configuration.tailor), STDOUT_FILENO);
    if (relay) return std::move(*relay);
    diag::warning("LOG_STDOUT: " + relay.error().detail());
    return {};
}

/// `acting`: the account that locks and queue belong to; root comes back once they are there.
ExitCode watch(
    Invocation& invocation,
    const config::ConfigurationPtr& configuration,
    const WatcherSettings& settings,
    std::optional<ActingAs>& acting
) {
    // First, so that it goes last: who sees no watcher can start one.
    const auto claim = WatcherClaim::take(settings.run_directory);
    if (!claim) return refuse_start(invocation, "RUNNING", claim.error());
    for (const WatchedDaemon& daemon : settings.daemons)
        ::unlink(pid_file(settings.run_directory, daemon.name).c_str());
    auto store = open_queue(configuration->tailor);
    if (!store) return refuse_start(invocation, "QUEUE", store.error());
    const auto lock = queue::RootLock::acquire(**store);
    if (!lock) return refuse_start(invocation, "QUEUEBUSY", lock.error());
    if (const auto swept = queue::sweep_temporary_files(
            **store, configuration->options.duration(config::OptionId::tmp_max_age)
        );
        !swept) {
        diag::warning("temporary files not swept: " + swept.error().detail());
    }
    StdoutRelay relay = relay_for(*configuration, invocation.line().has("foreground"));
    acting.reset();
    run_watcher(settings, std::move(relay));
    return ExitCode::done;
}

void end_watcher(pid_t watcher) {
    ::kill(watcher, SIGTERM);
    const auto is_gone = [&] { return ::waitpid(watcher, nullptr, WNOHANG) == watcher; };
    if (wait_until(stop_patience, is_gone)) return;
    ::kill(watcher, SIGKILL);  // its daemons get SIGTERM from the kernel
    ::waitpid(watcher, nullptr, 0);
}

ExitCode in_background(
    Invocation& invocation, const std::function<ExitCode()>& serve, const std::string& directory
) {
    const pid_t child = ::fork();
    if (child < 0) return refuse_start(invocation, "FORK", Error::from_errno(errno, "fork"));
    if (child == 0) {
        ::setsid();
        const UniqueFd null(::open("/dev/null", O_RDWR));
        for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::dup2(null.get(), standard);
        ::_exit(static_cast<int>(serve()));
    }
    const bool serves = !is_marked_stopped(directory, "dispatcher");
    const auto is_up = [&] {
        return watcher_pid(directory) == child &&
               (!serves || running_pid(pid_file(directory, "dispatcher")) != 0);
    };
    bool ended = false;
    wait_until(start_patience, [&] {
        ended = ::waitpid(child, nullptr, WNOHANG) == child;
        return ended || is_up();
    });
    if (ended || !is_up()) {
        // Left alone it would go on trying behind the back of an operator who was told that it
        // does not run.
        if (!ended) end_watcher(child);
        invocation.console().error(
            facility, "NOTSTARTED", "the MTA did not start; see watcher.log and dispatcher.log"
        );
        return ExitCode::failed;
    }
    invocation.console().success(
        facility, "STARTED", "the MTA is running, watcher process " + std::to_string(child)
    );
    return ExitCode::done;
}

/// nullopt: no service manager runs the instance.
std::optional<ExitCode> by_manager(
    Invocation& invocation, ManagerVerb verb, const config::Configuration& configuration
) {
    return through_service_manager(
        invocation, verb, configuration.options.text(config::OptionId::service_manager),
        ServiceManagement::of_this_system()
    );
}

ExitCode start(Invocation& invocation) {
    std::optional<std::string_view> component;
    if (const auto& parameters = invocation.line().parameters(); !parameters.empty()) {
        component = component_named(parameters.front());
        if (!component) return unknown_component(invocation, parameters.front());
    }
    if (watcher_pid(run_directory(invocation)) != 0) return start_components(invocation, component);
    const std::string& tailor_path = invocation.instance()->tailor.file();
    const auto configuration = config::load_published(tailor_path);
    if (!configuration) return refuse_start(invocation, "BADCONFIG", configuration.error());
    const bool foreground = invocation.line().has("foreground");
    if (!foreground && !component) {
        if (const auto code = by_manager(invocation, ManagerVerb::start, **configuration))
            return *code;
    }
    WatcherSettings settings = watcher_settings(**configuration, tailor_path);
    if (return_job::has_interrupted_rollovers(**configuration))
        settings.daemons.push_back(rollover_errand(**configuration));
    settings.passed_descriptors = foreground ? passed_descriptors() : 0;
    set_close_on_exec(settings.passed_descriptors, true);
    std::optional<ActingAs> acting;
    if (!needs_root(settings)) {
        if (auto dropped = give_up_root(settings.user, settings.tailor_file); !dropped)
            return refuse_start(invocation, "ROOT", dropped.error());
    } else {
        auto begun = act_as_owner(settings);
        if (!begun) return refuse_start(invocation, "ROOT", begun.error());
        acting.emplace(std::move(*begun));
    }
    if (auto made = make_instance_directories((*configuration)->tailor); !made) {
        return refuse_start(invocation, "DIRECTORY", made.error());
    }
    if (auto settled = settle_marks(settings.run_directory, component); !settled)
        return refuse_start(invocation, "DIRECTORY", settled.error());
    diag::open_log(foreground ? "" : settings.log_file);
    const auto serve = [&] { return watch(invocation, *configuration, settings, acting); };
    return foreground ? serve() : in_background(invocation, serve, settings.run_directory);
}

ExitCode stop(Invocation& invocation) {
    const auto& parameters = invocation.line().parameters();
    if (!parameters.empty()) {
        const auto component = component_named(parameters.front());
        return component ? stop_component(invocation, *component)
                         : unknown_component(invocation, parameters.front());
    }
    const std::string& directory = run_directory(invocation);
    const int watcher = watcher_pid(directory);
    if (watcher == 0) return not_running(invocation);
    // With a configuration that cannot be read the MTA can be stopped all the same.
    const auto configuration = config::load_published(invocation.instance()->tailor.file());
    if (configuration) {
        if (const auto code = by_manager(invocation, ManagerVerb::stop, **configuration))
            return *code;
    }
    const auto limit = stop_limit(invocation);
    if (!limit) return ExitCode::usage;
    if (::kill(watcher, SIGTERM) != 0)
        return refuse_start(invocation, "NOSIGNAL", Error::from_errno(errno, "signal"));
    if (!wait_until(*limit, [&] { return watcher_pid(directory) == 0; })) {
        invocation.console().error(facility, "NOTSTOPPED", "the MTA is still stopping");
        return ExitCode::failed;
    }
    invocation.console().success(facility, "STOPPED", "the MTA has stopped");
    return ExitCode::done;
}

constexpr Switch start_switches[] = {
    {"foreground", Switch::Value::none,
     "stay in the foreground and watch; messages go to standard error"},
};
constexpr Switch stop_switches[] = {
    {"timeout", Switch::Value::required, "seconds to wait for the end (90)"},
};

}  // namespace

const Command start_command = {
    .name = "start",
    .summary = "start the MTA",
    .parameters = "[dispatcher|job_controller]",
    .switches = start_switches,
    .most_parameters = 1,
    .run = start,
};
const Command startup_command = {
    .name = "startup",
    .summary = "same as start",
    .parameters = "[dispatcher|job_controller]",
    .switches = start_switches,
    .most_parameters = 1,
    .run = start,
};
const Command stop_command = {
    .name = "stop",
    .summary = "stop the MTA in order",
    .parameters = "[dispatcher|job_controller]",
    .switches = stop_switches,
    .most_parameters = 1,
    .run = stop,
};
const Command shutdown_command = {
    .name = "shutdown",
    .summary = "same as stop",
    .parameters = "[dispatcher|job_controller]",
    .switches = stop_switches,
    .most_parameters = 1,
    .run = stop,
};
}  // namespace sluice::utility
