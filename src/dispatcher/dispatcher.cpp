#include "dispatcher/dispatcher.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/log.h"
#include "base/privilege.h"
#include "dispatcher/delayed_connections.h"
#include "dispatcher/service.h"
#include "net/socket.h"

namespace sluice::dispatcher {

namespace {

constexpr std::chrono::seconds stop_patience{60};
/// How long sessions may go on as if nothing were when the dispatcher stops.
constexpr std::chrono::seconds end_patience{2};
/// How long no connection is accepted after the process ran out of descriptors.
constexpr std::chrono::seconds pause_without_descriptors{1};
/// How long workers have to answer that they took a new configuration.
constexpr std::chrono::seconds answer_patience{10};
constexpr int tick_ms = 500;
/// Connections taken from one listener before the others get their turn.
constexpr int accept_burst = 64;
/// Connections about which PORT_ACCESS has not spoken yet; more wait in the backlog.
constexpr std::size_t most_undecided = 1000;
/// What the site's texts may take of a packet to a worker.
constexpr std::size_t longest_access_text = net::access_text_limit;

class Dispatcher {
public:
    explicit Dispatcher(DispatcherSettings settings)
        : settings_(std::move(settings)),
          debug_(settings_.debug),
          passed_(PassedSockets::take(settings_.passed_descriptors)) {}

    int run() {
        if (!catch_signals() || !bind_services()) return 1;
        if (auto dropped = give_up_root(settings_.user, settings_.tailor_file); !dropped) {
            diag::warning(dropped.error().text() + ": " + dropped.error().detail());
            return 1;
        }
        debug_.note(debug_bit::main_basic, [&] {
            return "serving, services: " + std::to_string(services_.size());
        });
        if (settings_.serving) settings_.serving();
        while (!(stopping_ && workers_gone())) turn();
        diag::info("dispatcher stopped");
        return 0;
    }

private:
    struct Watch {
        Service* service = nullptr;
        const Service::Listener* listener = nullptr;  ///< null: a worker's channel
        WorkerId worker = 0;
    };

    bool catch_signals() {
        sigset_t set;
        sigemptyset(&set);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
        ::sigprocmask(SIG_BLOCK, &set, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
        signals_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
        return static_cast<bool>(signals_);
    }

    // A service that cannot be had is left out; the others start (spec section 2.1).
    bool bind_services() {
        for (ServiceSettings& settings : settings_.services) {
            note_settings(settings);
            auto service = std::make_unique<Service>(
                std::move(settings), settings_.environment, settings_.debug, passed_
            );
            if (auto bound = service->bind(); !bound) {
                diag::warning(
                    "service " + service->settings().name +
                    " not started: " + bound.error().detail()
                );
                continue;
            }
            services_.push_back(std::move(service));
        }
        passed_.report_unused();
        if (services_.empty()) diag::warning("no service could be started");
        return !services_.empty();
    }

    void note_settings(const ServiceSettings& settings) const {
        debug_.note(debug_bit::configuration, [&] {
            const WorkerLimits& limits = settings.limits;
            return "service " + settings.name + ": " + settings.program + ", log " +
                   (settings.log_file.empty() ? "none" : settings.log_file) + ", processes " +
                   std::to_string(limits.min_procs) + " to " + std::to_string(limits.max_procs) +
                   ", connections " + std::to_string(limits.min_conns) + " to " +
                   std::to_string(limits.max_conns) + ", backlog " +
                   std::to_string(settings.backlog);
        });
    }

    [[nodiscard]] bool workers_gone() const {
        const auto idle = [](const auto& service) { return service->worker_count() == 0; };
        return std::all_of(services_.begin(), services_.end(), idle) &&
               std::all_of(leaving_.begin(), leaving_.end(), idle);
    }

    void turn() {
        const MonoTime now = system_clock().mono_now();
        if (!stopping_) {
            for_all([&](Service& service) { service.tick(now); });
        } else if (now >= kill_at_) {
            for_all([](Service& service) { service.kill_workers(SIGKILL); });
        } else if (now >= end_at_) {
            end_at_ = kill_at_;
            for_all([](Service& service) { service.kill_workers(SIGTERM); });
        }
        conclude_delayed(now);
        watch_reload(now);
        collect_watches(now);
        if (::poll(polled_.data(), polled_.size(), patience(now)) <= 0) return;
        const MonoTime after = system_clock().mono_now();
        for (std::size_t i = 1; i < polled_.size(); ++i) {
            if (polled_[i].revents != 0) serve(watches_[i], polled_[i].fd, after);
        }
        if (polled_[0].revents != 0) read_signals();
        if (settings_.attend) settings_.attend();
        if (settings_.on_connections)
            for_all([this](Service& service) { note_connections(service); });
    }

    /// Milliseconds until there is something to do without anybody asking for it.
    [[nodiscard]] int patience(MonoTime now) const {
        const auto due = delayed_.next_due();
        if (!due) return tick_ms;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - now).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, tick_ms));
    }

    void collect_watches(MonoTime now) {
        polled_.assign(1, {signals_.get(), POLLIN, 0});
        watches_.assign(1, {});
        if (settings_.attend_fd >= 0) {
            polled_.push_back({settings_.attend_fd, POLLIN, 0});
            watches_.push_back({});
        }
        for_all([&](Service& service) {
            for (const auto& [worker, channel] : service.channels()) {
                polled_.push_back({channel, POLLIN, 0});
                watches_.push_back({&service, nullptr, worker});
            }
            // Without room for it a connection stays in the backlog, where it costs nothing.
            if (stopping_ || !may_accept(service) || now < paused_until_) return;
            for (const Service::Listener& listener : service.listeners()) {
                polled_.push_back({listener.socket.get(), POLLIN, 0});
                watches_.push_back({&service, &listener, 0});
            }
        });
    }

    [[nodiscard]] bool may_accept(const Service& service) const {
        return service.has_room() && undecided_ < most_undecided;
    }

    void serve(const Watch& watch, int fd, MonoTime now) {
        if (watch.service == nullptr) return;  // attend_fd
        if (watch.listener == nullptr) {
            watch.service->on_worker_readable(watch.worker, now);
            return;
        }
        for (int i = 0; i < accept_burst && may_accept(*watch.service); ++i) {
            if (!accept_one(*watch.service, fd, watch.listener->tls, now)) return;
        }
    }

    bool accept_one(Service& service, int listener, bool tls, MonoTime now) {
        UniqueFd socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                diag::warning("out of descriptors or memory, not accepting for a second");
                paused_until_ = now + pause_without_descriptors;
            }
            return errno == ECONNABORTED || errno == EINTR;
        }
        const auto local = net::local_endpoint(socket.get());
        const auto remote = net::remote_endpoint(socket.get());
        if (!local || !remote) return true;  // gone already
        // Functions may be copied on their way; a connection may not.
        auto decided = std::make_shared<DecidedConnection>();
        decided->service = &service;
        net::HandedConnection& connection = decided->connection;
        connection.id = ++last_connection_;
        connection.service = service.settings().name;
        connection.local = *local;
        connection.remote = *remote;
        connection.tls_at_once = tls;
        connection.accepted = system_clock().wall_now();
        connection.socket = std::move(socket);
        ++undecided_;
        if (settings_.on_arrived)
            settings_.on_arrived(service.settings(), connection.id, *local, *remote);
        debug_.note(debug_bit::main_extra, [&] {
            return "connection " + std::to_string(connection.id) + " of service " +
                   connection.service + " from " + remote->address.to_string() + " port " +
                   std::to_string(remote->port);
        });
        if (!service.admit(connection.id, remote->address)) {
            --undecided_;
            refuse_for_number(*decided);
            return true;
        }
        settings_.check_port(*local, *remote, [this, decided](access::Verdict verdict) {
            --undecided_;
            decided->verdict = std::move(verdict);
            if (!stopping_) on_decided(std::move(*decided), system_clock().mono_now());
        });
        return true;
    }

    void on_decided(DecidedConnection decided, MonoTime now) {
        net::HandedConnection& connection = decided.connection;
        connection.access_text = decided.verdict.rule_set.substr(0, longest_access_text);
        connection.access_log_text = decided.verdict.log_text.substr(0, longest_access_text);
        connection.access_effects = decided.verdict.effects().substr(0, longest_access_text);
        const auto& delay = decided.verdict.delay;
        if (delay && delayed_.has_room()) {
            const MonoTime due = now + delay->pause;
            debug_.note(debug_bit::miscellaneous, [&] {
                return "connection " + std::to_string(connection.id) + " is delayed";
            });
            delayed_.add(std::move(decided), due);
        } else {
            conclude(std::move(decided), now);
        }
    }

    /// A service may have gone with a new configuration while its connection waited.
    [[nodiscard]] bool is_there(const Service* service) const {
        const auto is_it = [&](const auto& one) { return one.get() == service; };
        return std::any_of(services_.begin(), services_.end(), is_it) ||
               std::any_of(leaving_.begin(), leaving_.end(), is_it);
    }

    void conclude(DecidedConnection decided, MonoTime now) {
        if (!is_there(decided.service)) return;
        ++connections_;
        debug_.note(debug_bit::statistics_extra, [&] {
            return "connections " + std::to_string(connections_) + ", refused " +
                   std::to_string(refused_) + ", undecided " + std::to_string(undecided_);
        });
        if (decided.verdict.refused()) {
            decided.service->forget(decided.connection.id);
            return refuse(decided);
        }
        decided.service->hand_over(std::move(decided.connection), now);
    }

    void conclude_delayed(MonoTime now) {
        for (DecidedConnection& decided : delayed_.take_due(now)) {
            if (!is_there(decided.service)) continue;
            if (decided.verdict.refused() || decided.service->has_room()) {
                conclude(std::move(decided), now);
            } else {
                delayed_.add(std::move(decided), now + std::chrono::milliseconds(tick_ms));
            }
        }
    }

    void note_connections(Service& service) {
        if (const auto changed = service.changed_connections())
            settings_.on_connections(service.settings(), *changed, service.most_connections());
    }

    void refuse_for_number(DecidedConnection& decided) {
        ++connections_;
        decided.verdict.decision = access::Verdict::Decision::refuse;
        decided.verdict.reply =
            access::make_reply(421, {4, 7, 0}, "Too many connections from your address", {});
        refuse(decided);
    }

    // The socket does not block: a refused peer is never waited for.
    void refuse(const DecidedConnection& refused) {
        ++refused_;
        const net::HandedConnection& connection = refused.connection;
        const std::string text = refused.verdict.reply.to_wire();
        const ssize_t sent =
            ::send(connection.socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
        debug_.note(debug_bit::packets, [&] {
            return "refusal of " + std::to_string(text.size()) + " octets to connection " +
                   std::to_string(connection.id);
        });
        if (sent < 0) diag::debug("refusal not sent to " + connection.remote.address.to_string());
        if (settings_.on_refused) {
            settings_.on_refused(
                refused.service->settings(), connection.id, connection.local, connection.remote,
                refused.verdict
            );
        }
    }

    void note_statistics() const {
        diag::info(
            "statistics: " + std::to_string(connections_) + " connections, " +
            std::to_string(refused_) + " refused by PORT_ACCESS"
        );
    }

    void read_signals() {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
            switch (info.ssi_signo) {
                case SIGTERM:
                case SIGINT:
                    stop();
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

    /// How many workers each service has, for debugging.
    void note_workers() const {
        debug_.note(debug_bit::statistics_basic, [&] {
            std::string text = "workers:";
            for (const auto& service : services_)
                text +=
                    ' ' + service->settings().name + '=' + std::to_string(service->worker_count());
            return text;
        });
    }

    void stop() {
        if (stopping_) return;
        diag::info("stopping: no new connections");
        stopping_ = true;
        delayed_.clear();
        note_statistics();
        end_at_ = system_clock().mono_now() + end_patience;
        kill_at_ = end_at_ - end_patience + stop_patience;
        for_all([](Service& service) {
            service.close_listeners();
            service.retire_workers();
        });
    }

    // Nothing of a configuration that cannot be used is taken. A service of which nothing can be
    // had any more keeps its workers for the sessions that are open.
    void renew() {
        if (stopping_ || !settings_.reload) return;
        if (report_) finish_reload();
        report_.emplace();
        report_until_ = system_clock().mono_now() + answer_patience;
        auto fresh = settings_.reload();
        if (!fresh) {
            report_->notes.push_back(fresh.error().detail());
            finish_reload();
            return;
        }
        report_->taken = true;
        diag::info("new configuration: telling the workers");
        note_statistics();
        close_missing(*fresh);
        for (ServiceSettings& settings : *fresh) {
            note_settings(settings);
            reconfigure(std::move(settings));
        }
    }

    void close_missing(const std::vector<ServiceSettings>& wanted) {
        for (auto service = services_.begin(); service != services_.end();) {
            const std::string& name = (*service)->settings().name;
            const bool stays =
                std::any_of(wanted.begin(), wanted.end(), [&](const ServiceSettings& settings) {
                    return settings.name == name;
                });
            if (stays) {
                ++service;
                continue;
            }
            diag::info("service " + name + " ends");
            (*service)->close();
            leaving_.push_back(std::move(*service));
            service = services_.erase(service);
        }
    }

    void reconfigure(ServiceSettings settings) {
        const auto found = std::find_if(services_.begin(), services_.end(), [&](const auto& one) {
            return one->settings().name == settings.name;
        });
        if (found != services_.end()) {
            note((*found)->reconfigure(std::move(settings)));
            return;
        }
        auto service = std::make_unique<Service>(
            std::move(settings), settings_.environment, settings_.debug, passed_
        );
        note(service->reconfigure(ServiceSettings(service->settings())));
        if (!service->listeners().empty()) services_.push_back(std::move(service));
    }

    void note(const std::vector<std::string>& failures) {
        for (const std::string& failure : failures) {
            diag::warning(failure);
            report_->notes.push_back(failure);
        }
    }

    void watch_reload(MonoTime now) {
        std::erase_if(leaving_, [](const auto& service) { return service->worker_count() == 0; });
        if (!report_) return;
        const bool pending = std::any_of(services_.begin(), services_.end(), [](const auto& one) {
            return one->reload_pending();
        });
        if (pending && now < report_until_) return;
        if (pending) report_->notes.emplace_back("a worker has not answered yet");
        finish_reload();
    }

    void finish_reload() {
        if (settings_.reloaded) settings_.reloaded(*report_);
        report_.reset();
    }

    /// Those in service, and those that only finish their sessions.
    template <class Call>
    void for_all(const Call& call) {
        for (const auto& service : services_) call(*service);
        for (const auto& service : leaving_) call(*service);
    }

    void reap() {
        int status = 0;
        for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            const MonoTime now = system_clock().mono_now();
            for_all([&](Service& service) { service.on_child_exit(pid, status, now); });
            note_workers();
        }
    }

    DispatcherSettings settings_;
    Debug debug_;
    PassedSockets passed_;
    std::vector<std::unique_ptr<Service>> services_;
    std::vector<std::unique_ptr<Service>> leaving_;  ///< no longer configured; sessions are open
    std::optional<ReloadReport> report_;             ///< of a reload that is under way
    MonoTime report_until_{};
    UniqueFd signals_;
    std::vector<pollfd> polled_;
    std::vector<Watch> watches_;
    DelayedConnections delayed_;
    std::size_t undecided_ = 0;
    std::uint64_t last_connection_ = 0;
    std::uint64_t connections_ = 0;  ///< handed over or refused
    std::uint64_t refused_ = 0;
    MonoTime paused_until_{};
    MonoTime end_at_{};
    MonoTime kill_at_{};
    bool stopping_ = false;
};

}  // namespace

int run_dispatcher(DispatcherSettings settings) {
    return Dispatcher(std::move(settings)).run();
}

}  // namespace sluice::dispatcher
