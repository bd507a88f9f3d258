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

#include "base/clock.h"
#include "base/file.h"
#include "base/limit_hits.h"
#include "base/log.h"
#include "base/privilege.h"
#include "dispatcher/control_socket.h"
#include "dispatcher/delayed_connections.h"
#include "dispatcher/service.h"
#include "dispatcher/service_list.h"
#include "jobs/inflow_state.h"
#include "net/socket.h"

namespace sluice::dispatcher {

namespace {

constexpr std::chrono::seconds stop_patience{60};
/// How long sessions may go on as if nothing were when the dispatcher stops.
constexpr std::chrono::seconds end_patience{2};
/// How long no connection is accepted after the process ran out of descriptors.
constexpr std::chrono::seconds pause_without_descriptors{1};
constexpr int tick_ms = 500;
constexpr std::chrono::seconds inflow_look_every{1};
constexpr std::size_t longest_inflow_state = 1UL << 20U;
/// Connections taken from one listener before the others get their turn.
constexpr int accept_burst = 64;
/// Connections about which PORT_ACCESS has not spoken yet; more wait in the backlog.
constexpr std::size_t most_undecided = 1000;
/// What the site's texts may take of a packet to a worker.
constexpr std::size_t longest_access_text = net::access_text_limit;

class Dispatcher {
public:
    explicit Dispatcher(DispatcherSettings settings)
        : settings_(std::move(settings)), debug_(settings_.debug), services_(settings_) {}

    int run() {
        if (!catch_signals() || !services_.bind()) return 1;
        if (auto dropped = give_up_root(settings_.user, settings_.tailor_file); !dropped) {
            diag::warning(dropped.error().text() + ": " + dropped.error().detail());
            return 1;
        }
        debug_.note(debug_bit::main_basic, [&] {
            return "serving, services: " + std::to_string(services_.size());
        });
        services_.for_all([](Service& service) { service.bind_paths(); });
        control_.open(settings_.control_socket, [this](std::string_view line) {
            return answer(line);
        });
        if (settings_.serving) settings_.serving();
        while (!(stopping_ && services_.workers_gone())) turn();
        control_.close();
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

    void turn() {
        const MonoTime now = system_clock().mono_now();
        if (!stopping_) {
            services_.for_all([&](Service& service) { service.tick(now); });
        } else if (now >= kill_at_) {
            services_.for_all([](Service& service) { service.kill_workers(SIGKILL); });
        } else if (now >= end_at_) {
            end_at_ = kill_at_;
            services_.for_all([](Service& service) { service.kill_workers(SIGTERM); });
        }
        watch_pressure(now);
        conclude_delayed(now);
        control_.expire(now);
        services_.watch_reload(now);
        collect_watches(now);
        if (::poll(polled_.data(), polled_.size(), patience(now)) <= 0) return;
        const MonoTime after = system_clock().mono_now();
        for (std::size_t i = served_from_; i < polled_.size(); ++i) {
            if (polled_[i].revents != 0) serve(watches_[i], after);
        }
        for (std::size_t i = asked_from_; i < served_from_; ++i) control_.serve(polled_[i], after);
        if (polled_[0].revents != 0) read_signals();
        if (settings_.attend) settings_.attend();
        services_.for_all([this](Service& service) { note_connections(service); });
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
        asked_from_ = polled_.size();
        control_.collect(polled_);
        watches_.resize(polled_.size());
        served_from_ = polled_.size();
        services_.for_all([&](Service& service) {
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

    /// docs/formats/dispatcher-control.md
    std::string answer(std::string_view line) {
        constexpr std::string_view restart = "RESTART ";
        if (line == "STATISTICS") return net::encode(services_.statistics());
        if (!line.starts_with(restart)) return "ERROR unknown question\n";
        if (stopping_) return "ERROR the dispatcher is stopping\n";
        line.remove_prefix(restart.size());
        return services_.restart(line) ? "OK\n" : "ERROR no such service\n";
    }

    /// The stress of the services at each turn, what the job controller says once a second.
    void watch_pressure(MonoTime now) {
        if (now >= next_inflow_look_) {
            next_inflow_look_ = now + inflow_look_every;
            behind_ = inflow_.heard(read_inflow(), now);
        }
        bool changed = false;
        bool stressed = false;
        services_.for_all([&](Service& service) {
            changed = service.watch_pressure(behind_, now) || changed;
            stressed = service.is_stressed() || stressed;
        });
        if (changed && settings_.on_stress) settings_.on_stress(stressed);
    }

    [[nodiscard]] jobs::InflowState read_inflow() const {
        if (settings_.inflow_state.empty()) return {};
        const auto text = read_file(settings_.inflow_state, longest_inflow_state);
        return text ? jobs::InflowState::parse(*text) : jobs::InflowState();
    }

    [[nodiscard]] bool may_accept(const Service& service) const {
        return service.has_room() && undecided_ < most_undecided;
    }

    void serve(const Watch& watch, MonoTime now) {
        if (watch.listener == nullptr) {
            watch.service->on_worker_readable(watch.worker, now);
            return;
        }
        for (int i = 0; i < accept_burst && may_accept(*watch.service); ++i) {
            if (!accept_one(*watch.service, *watch.listener, now)) return;
        }
    }

    bool accept_one(Service& service, const Service::Listener& listener, MonoTime now) {
        UniqueFd socket(
            ::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)
        );
        if (!socket) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                limits::hit(
                    limits::Limit::descriptors,
                    "out of descriptors or memory, not accepting for a second"
                );
                paused_until_ = now + pause_without_descriptors;
            }
            return errno == ECONNABORTED || errno == EINTR;
        }
        // Whoever may open a Unix socket is on this host; tables know addresses.
        const bool is_path = !listener.path.empty();
        const auto local = is_path ? listener.endpoint : net::local_endpoint(socket.get());
        const auto remote = is_path ? listener.endpoint : net::remote_endpoint(socket.get());
        if (!local || !remote) return true;  // gone already
        // Functions may be copied on their way; a connection may not.
        auto decided = std::make_shared<DecidedConnection>();
        decided->service = service.number();
        net::HandedConnection& connection = decided->connection;
        connection.id = ++last_connection_;
        connection.service = service.settings().name;
        connection.local = *local;
        connection.remote = *remote;
        connection.tls_at_once = listener.tls;
        connection.accepted = system_clock().wall_now();
        connection.socket = std::move(socket);
        if (++undecided_ == most_undecided) {
            limits::hit(
                limits::Limit::undecided_connections, "PORT_ACCESS has not spoken about " +
                                                          std::to_string(most_undecided) +
                                                          " connections; others wait in the backlog"
            );
        }
        if (settings_.on_arrived)
            settings_.on_arrived(service.settings(), connection.id, *local, *remote);
        const bool has_share = is_path || service.sources().enter(connection.id, remote->address);
        debug_.note(debug_bit::main_extra, [&] {
            return "connection " + std::to_string(connection.id) + " of service " +
                   connection.service + " from " + remote->address.to_string() + " port " +
                   std::to_string(remote->port);
        });
        if (!has_share) {
            --undecided_;
            decided->verdict = beyond_share(service, remote->address);
            conclude(std::move(*decided), now);
            return true;
        }
        settings_.check_port(
            service.settings(), *local, *remote,
            [this, decided](access::Verdict verdict) {
                --undecided_;
                decided->verdict = std::move(verdict);
                if (!stopping_) on_decided(std::move(*decided), system_clock().mono_now());
            }
        );
        return true;
    }

    /// MAX_CONNS_PER_SOURCE, STRESS_SOURCE_PERCENT.
    static access::Verdict beyond_share(Service& service, const IpAddress& source) {
        const std::string address = source.to_string();
        const SourceShares& sources = service.sources();
        const bool stress = sources.is_tightened_for(source);
        limits::hit(
            stress ? limits::Limit::stress_source_percent : limits::Limit::max_conns_per_source,
            "service " + service.settings().name + ": " + address + " has " +
                std::to_string(sources.connections_of(source)) + " connections (" +
                (stress ? "STRESS_SOURCE_PERCENT" : "MAX_CONNS_PER_SOURCE") +
                "); another was refused"
        );
        access::Verdict verdict;
        verdict.decision = access::Verdict::Decision::refuse;
        verdict.reply =
            access::make_reply(421, {4, 7, 0}, "too many connections from your address", address);
        return verdict;
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
            return;
        }
        if (delay)
            limits::hit(limits::Limit::delayed_connections, "one is served without its delay ($D)");
        conclude(std::move(decided), now);
    }

    void conclude(DecidedConnection decided, MonoTime now) {
        Service* service = services_.find(decided.service);
        if (service == nullptr) return;
        ++connections_;
        debug_.note(debug_bit::statistics_extra, [&] {
            return "connections " + std::to_string(connections_) + ", refused " +
                   std::to_string(refused_) + ", undecided " + std::to_string(undecided_);
        });
        if (decided.verdict.refused()) return refuse(*service, decided);
        service->hand_over(std::move(decided.connection), now);
    }

    void conclude_delayed(MonoTime now) {
        for (DecidedConnection& decided : delayed_.take_due(now)) {
            const Service* service = services_.find(decided.service);
            if (service == nullptr) continue;
            if (decided.verdict.refused() || service->has_room()) {
                conclude(std::move(decided), now);
            } else {
                delayed_.add(std::move(decided), now + std::chrono::milliseconds(tick_ms));
            }
        }
    }

    void note_connections(Service& service) {
        const auto changed = service.changed_connections();
        if (!changed) return;
        if (*changed >= service.most_connections()) tell_full(service);
        if (settings_.on_connections)
            settings_.on_connections(service.settings(), *changed, service.most_connections());
    }

    static void tell_full(const Service& service) {
        limits::hit(
            limits::Limit::max_conns,
            "service " + service.settings().name + ": all " +
                std::to_string(service.most_connections()) +
                " connections (MAX_PROCS x MAX_CONNS) are taken; more wait in the backlog"
        );
    }

    // The socket does not block: a refused peer is never waited for.
    void refuse(Service& service, const DecidedConnection& refused) {
        ++refused_;
        service.count_rejected();
        const net::HandedConnection& connection = refused.connection;
        service.sources().leave(connection.id);
        // A client that waits for a handshake can do nothing with plain words.
        const std::string text =
            connection.tls_at_once ? std::string() : refused.verdict.reply.to_wire();
        const ssize_t sent =
            ::send(connection.socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
        debug_.note(debug_bit::packets, [&] {
            return "refusal of " + std::to_string(text.size()) + " octets to connection " +
                   std::to_string(connection.id);
        });
        if (sent < 0) diag::debug("refusal not sent to " + connection.remote.address.to_string());
        if (settings_.on_refused) {
            settings_.on_refused(
                service.settings(), connection.id, connection.local, connection.remote,
                refused.verdict
            );
        }
    }

    void note_statistics() const {
        diag::info(
            "statistics: " + std::to_string(connections_) + " connections, " +
            std::to_string(refused_) + " refused"
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

    void renew() {
        if (stopping_ || !settings_.reload) return;
        if (services_.renew()) note_statistics();
    }

    void stop() {
        if (stopping_) return;
        diag::info("stopping: no new connections");
        stopping_ = true;
        delayed_.clear();
        note_statistics();
        end_at_ = system_clock().mono_now() + end_patience;
        kill_at_ = end_at_ - end_patience + stop_patience;
        services_.for_all([](Service& service) {
            service.close_listeners();
            service.retire_workers();
        });
    }

    void reap() {
        int status = 0;
        for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            const MonoTime now = system_clock().mono_now();
            services_.for_all([&](Service& service) { service.on_child_exit(pid, status, now); });
            debug_.note(debug_bit::statistics_basic, [&] { return services_.worker_counts(); });
        }
    }

    DispatcherSettings settings_;
    Debug debug_;
    ServiceList services_;
    UniqueFd signals_;
    std::vector<pollfd> polled_;
    std::vector<Watch> watches_;
    std::size_t asked_from_ = 0;   ///< in polled_: those who ask at the control socket
    std::size_t served_from_ = 0;  ///< workers and listeners
    DelayedConnections delayed_;
    ControlSocket control_;
    jobs::FreshInflow inflow_;
    std::vector<std::string> behind_;  ///< channels
    MonoTime next_inflow_look_{};
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
