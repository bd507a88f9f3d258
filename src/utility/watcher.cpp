#include "utility/watcher.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/privilege.h"
#include "base/service_manager.h"
#include "utility/components.h"
#include "utility/restart_policy.h"

namespace sluice::utility {

namespace {

constexpr std::chrono::seconds stop_patience{70};
constexpr int tick_ms = 200;
constexpr int exec_failed = 127;

std::string end_of(int status) {
    if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

/// Our daemons end like this, and only like this, when they are told to.
bool is_in_order(int status) {
    return WIFSIGNALED(status) ? WTERMSIG(status) == SIGTERM : WEXITSTATUS(status) == 0;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

class Watcher {
public:
    Watcher(const WatcherSettings& settings, StdoutRelay relay)
        : settings_(settings), relay_(std::move(relay)) {
        for (const WatchedDaemon& daemon : settings.daemons) daemons_.push_back({&daemon});
    }

    void run() {
        catch_signals();
        while (!(stopping_ && all_gone())) turn();
        if (relay_.is_open()) relay_.pump();  // their last words
        diag::info("watcher stopped");
    }

private:
    struct Daemon {
        const WatchedDaemon* what;
        pid_t pid = 0;
        std::optional<MonoTime> start_at = MonoTime{};  ///< unset: not to be started
        std::optional<MonoTime> kill_at{};              ///< it was asked to end
        RestartPolicy policy{};
    };

    void catch_signals() {
        sigset_t set;
        sigemptyset(&set);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
        ::sigprocmask(SIG_BLOCK, &set, nullptr);
        ::signal(SIGPIPE, SIG_IGN);  // of whoever reads the standard output
        signals_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    }

    [[nodiscard]] bool all_gone() const {
        return std::all_of(daemons_.begin(), daemons_.end(), [](const Daemon& daemon) {
            return daemon.pid == 0;
        });
    }

    void turn() {
        const MonoTime now = system_clock().mono_now();
        for (Daemon& daemon : daemons_) {
            if (stopping_) break;
            const bool wanted = is_wanted(daemon);
            if (wanted && daemon.pid == 0 && daemon.start_at && *daemon.start_at <= now)
                start(daemon, now);
            // Who was asked to end and hangs is killed, also where it is wanted again.
            if (daemon.pid != 0 && (!wanted || daemon.kill_at)) end(daemon, now);
        }
        if (stopping_) stop_next(now);
        tell_manager(now);
        std::array<pollfd, 2> waiting{{{signals_.get(), POLLIN, 0}, {}}};
        nfds_t count = 1;
        if (relay_.is_open()) waiting[count++] = relay_.awaited();
        if (::poll(waiting.data(), count, tick_ms) <= 0) return;
        if (waiting[0].revents != 0) read_signals();
        if (count > 1 && waiting[1].revents != 0) relay_.pump();
    }

    void tell_manager(MonoTime now) {
        if (!manager_.wants_to_be_told()) return;
        if (!ready_ && !stopping_ && is_serving()) {
            ready_ = true;
            manager_.tell("READY=1\nSTATUS=serving\nMAINPID=" + std::to_string(::getpid()));
        }
        const auto interval = manager_.watchdog_interval();
        if (!interval || (watchdog_told_ && now - *watchdog_told_ < *interval)) return;
        watchdog_told_ = now;
        manager_.tell("WATCHDOG=1");
    }

    /// The dispatcher that runs now has its sockets: it writes its number when it has them.
    [[nodiscard]] bool is_serving() const {
        return std::all_of(daemons_.begin(), daemons_.end(), [&](const Daemon& daemon) {
            if (daemon.what->is_errand || !is_wanted(daemon)) return true;
            if (daemon.what->name != "dispatcher") return daemon.pid != 0;
            const auto file = pid_file(settings_.run_directory, daemon.what->name);
            return daemon.pid != 0 && running_pid(file) == daemon.pid;
        });
    }

    void start(Daemon& daemon, MonoTime now) {
        daemon.policy.on_start(now);
        const pid_t watcher = ::getpid();
        const pid_t pid = ::fork();
        if (pid == 0) become(*daemon.what, watcher);
        if (pid < 0) {
            diag::warning("cannot start " + daemon.what->name + ": out of processes");
            daemon.start_at = daemon.policy.on_end(now);
            return;
        }
        daemon.pid = pid;
        daemon.start_at.reset();
        diag::info("started " + daemon.what->name + ", process " + std::to_string(pid));
    }

    [[noreturn]] void become(const WatchedDaemon& daemon, pid_t watcher) {
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::signal(SIGPIPE, SIG_DFL);
        ::setpgid(
            0, 0
        );  // a Ctrl-C at the terminal is for the watcher, which then stops us in order
        if (!daemon.keeps_root) {
            if (const auto dropped = give_up_root(settings_.user, settings_.tailor_file); !dropped)
                diag::fatal(dropped.error().detail());
        }
        // Nobody would restart or stop us without the watcher. Set after the change of account,
        // which clears it.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != watcher) ::_exit(0);
        std::vector<std::string> words{daemon.program};
        words.insert(words.end(), daemon.arguments.begin(), daemon.arguments.end());
        std::vector<std::string> environment = settings_.environment;
        if (daemon.gets_sockets && settings_.passed_descriptors > 0) {
            const int count = settings_.passed_descriptors;
            if (!set_close_on_exec(count, false)) diag::warning("a passed socket was closed");
            environment.push_back("LISTEN_PID=" + std::to_string(::getpid()));
            environment.push_back("LISTEN_FDS=" + std::to_string(count));
        }
        ::execve(daemon.program.c_str(), pointers(words).data(), pointers(environment).data());
        diag::warning(
            "cannot run " + daemon.program + ": " + Error::from_errno(errno, "exec").detail()
        );
        ::_exit(exec_failed);
    }

    void read_signals() {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
            switch (info.ssi_signo) {
                case SIGTERM:
                case SIGINT:
                    begin_stop();
                    break;
                case SIGHUP:
                    renew();
                    break;
                default:
                    break;
            }
        }
        reap();
    }

    void begin_stop() {
        if (stopping_) return;
        diag::info("stopping");
        stopping_ = true;
        manager_.tell("STOPPING=1\nSTATUS=sessions and deliveries end");
    }

    // One after the other: first no mail comes in any more, then deliveries end.
    void stop_next(MonoTime now) {
        for (Daemon& daemon : daemons_) {
            if (daemon.pid != 0) return end(daemon, now);
        }
    }

    static void end(Daemon& daemon, MonoTime now) {
        if (!daemon.kill_at) {
            ::kill(daemon.pid, SIGTERM);
            daemon.kill_at = now + stop_patience;
        } else if (now >= *daemon.kill_at) {
            diag::warning(daemon.what->name + " does not stop, killing it");
            ::kill(daemon.pid, SIGKILL);
            daemon.kill_at = now + stop_patience;
        }
    }

    [[nodiscard]] bool is_wanted(const Daemon& daemon) const {
        return !is_marked_stopped(settings_.run_directory, daemon.what->name);
    }

    void renew() {
        for (Daemon& daemon : daemons_) {
            if (daemon.pid == 0 || daemon.what->is_errand) continue;
            const bool reloads = daemon.what->name == "dispatcher";
            ::kill(daemon.pid, reloads ? SIGHUP : SIGTERM);
        }
    }

    void reap() {
        int status = 0;
        for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            for (Daemon& daemon : daemons_) {
                if (daemon.pid != pid) continue;
                daemon.pid = 0;
                daemon.kill_at.reset();
                if (daemon.what->is_errand) {
                    diag::info(daemon.what->name + " ended, " + end_of(status));
                    continue;
                }
                const bool asked = is_in_order(status);
                daemon.start_at = daemon.policy.on_end(system_clock().mono_now(), asked);
                if (!stopping_) report_end(daemon, status, asked);
            }
        }
    }

    void report_end(const Daemon& daemon, int status, bool asked) const {
        const std::string text = daemon.what->name + " ended, " + end_of(status);
        if (!is_wanted(daemon)) {
            diag::info(text + "; an operator stopped it");
        } else if (asked) {
            diag::info(text + "; starting it again");
        } else {
            diag::warning(text + "; starting it again (its own log may say why)");
        }
    }

    const WatcherSettings& settings_;
    std::vector<Daemon> daemons_;
    const ServiceManager manager_ = ServiceManager::from_environment();
    std::optional<MonoTime> watchdog_told_;
    bool ready_ = false;
    StdoutRelay relay_;
    UniqueFd signals_;
    bool stopping_ = false;
};

}  // namespace

void run_watcher(const WatcherSettings& settings, StdoutRelay relay) {
    Watcher(settings, std::move(relay)).run();
}

}  // namespace sluice::utility
