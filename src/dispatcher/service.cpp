#include "dispatcher/service.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "base/bytes.h"
#include "base/limit_hits.h"
#include "base/log.h"
#include "base/log_versions.h"
#include "dispatcher/service_settings.h"
#include "dispatcher/worker_process.h"
#include "net/socket.h"

namespace sluice::dispatcher {

namespace {

constexpr std::chrono::seconds acknowledge_within{10};
/// Of Unix sockets: the account and its group.
constexpr unsigned path_mode = 0660;
/// Workers report every 30 s; one that is silent for four of these is stuck.
constexpr std::chrono::seconds silent_too_long{120};

std::string end_of(int status) {
    if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Service::Service(
    ServiceSettings settings,
    std::vector<std::string> environment,
    std::int64_t debug,
    PassedSockets& passed
)
    : settings_(std::move(settings)),
      environment_(std::move(environment)),
      debug_(debug),
      passed_(passed),
      pool_(settings_.limits),
      sources_(settings_.max_conns_per_source, settings_.stress_source_percent > 0),
      stress_(settings_.stress_percent),
      book_(settings_.historical_time) {}

Result<UniqueFd> Service::listen(const Listener& listener, int backlog) {
    if (!listener.path.empty()) return net::listen_on_path(listener.path, backlog, path_mode);
    if (auto passed = passed_.find(listener.endpoint, backlog)) return std::move(*passed);
    return net::listen_on(listener.endpoint, backlog);
}

Result<void> Service::bind() {
    for (Listener& listener : wanted_listeners(settings_)) {
        if (!listener.path.empty()) continue;
        auto socket = listen(listener, settings_.backlog);
        if (!socket) return std::move(socket).error();
        listener.socket = std::move(*socket);
        debug_.note(debug_bit::services_basic, [&] {
            return settings_.name + ": listening on " + listener.endpoint.address.to_string() +
                   " port " + std::to_string(listener.endpoint.port);
        });
        listeners_.push_back(std::move(listener));
    }
    return {};
}

void Service::bind_paths() {
    if (settings_.listen_paths.empty()) return;
    for (const std::string& failure : rebind(settings_)) diag::warning(failure);
}

void Service::close_listeners() {
    for (const Listener& listener : listeners_) {
        if (!listener.path.empty()) ::unlink(listener.path.c_str());
    }
    listeners_.clear();
}

// LOGFILE has a version for every worker.
UniqueFd Service::next_log() {
    if (settings_.log_file.empty()) return {};
    auto version = create_log_version(settings_.log_file, settings_.log_versions);
    if (version) return std::move(version->file);
    diag::warning(settings_.name + ": worker without a log: " + version.error().detail());
    return {};
}

void Service::start_one(MonoTime now) {
    const UniqueFd log = next_log();
    auto started = start_worker(settings_.program, settings_.arguments, environment_, log.get());
    const WorkerId id = pool_.add(now);
    if (!started) {
        diag::warning(settings_.name + ": worker not started: " + started.error().detail());
        pool_.on_exit(
            id, now
        );  // counts as an early death, so that a missing program does not spin
        return;
    }
    diag::info(settings_.name + ": started worker " + std::to_string(started->pid));
    debug_.note(debug_bit::processes, [&] {
        std::string words = settings_.program;
        for (const std::string& word : settings_.arguments) words += ' ' + word;
        return settings_.name + ": process " + std::to_string(started->pid) + " runs " + words;
    });
    book_.worker_started(id, started->pid, now);
    Worker worker;
    worker.pid = started->pid;
    worker.channel = std::move(started->channel);
    worker.heard = now;
    workers_.emplace(id, std::move(worker));
}

void Service::tick(MonoTime now) {
    send_orders_again();
    order_to_retire(pool_.retire_expired(now));
    kill_silent_workers(now);
    send_owed_orders();
    offer_unsent_again(now);
    for (std::size_t missing = pool_.starts_wanted(now); missing > 0; --missing) start_one(now);
}

// A connection that a worker was sent and does not acknowledge may be in its hands all the same: it
// goes to another worker only when this one is dead, since two that talk on one socket would make
// one mixed-up message of it.
void Service::kill_silent_workers(MonoTime now) {
    for (const auto& [id, worker] : workers_) {
        if (now - worker.heard >= silent_too_long) kill_stuck(id, now);
    }
    for (auto& [id, kept] : unacknowledged_) {
        if (!kept.sent || kept.deadline > now) continue;
        kept.deadline = now + acknowledge_within;
        kill_stuck(kept.worker, now);
    }
}

void Service::kill_stuck(WorkerId id, MonoTime now) {
    const auto worker = workers_.find(id);
    if (worker == workers_.end()) return;
    limits::hit(
        limits::Limit::worker_silence,
        settings_.name + ": worker " + std::to_string(worker->second.pid) + " is stuck, killing it"
    );
    worker->second.heard = now;
    ::kill(worker->second.pid, SIGKILL);
}

void Service::offer_unsent_again(MonoTime now) {
    std::vector<net::HandedConnection> unsent;
    for (auto entry = unacknowledged_.begin(); entry != unacknowledged_.end();) {
        if (entry->second.sent) {
            ++entry;
            continue;
        }
        pool_.on_hand_off_done(entry->second.worker);
        pool_.on_connection_done(entry->second.worker, now);
        unsent.push_back(std::move(entry->second.connection));
        entry = unacknowledged_.erase(entry);
    }
    offer_again(std::move(unsent), now);
}

bool Service::send_to_worker(WorkerId id, const net::DispatcherRecord& record) {
    const auto worker = workers_.find(id);
    if (worker == workers_.end() || worker->second.order_owed || !worker->second.channel)
        return false;
    const auto sent = net::send_record(worker->second.channel.get(), record);
    if (sent) return true;
    // A full channel in a burst of connections is nothing to tell of: the next tick tries again. A
    // broken one is followed by SIGCHLD, which says more.
    const int reason = sent.error().error_number();
    if (reason != EPIPE && reason != EAGAIN) {
        diag::warning(
            settings_.name + ": worker " + std::to_string(worker->second.pid) + ": " +
            sent.error().detail()
        );
    }
    return false;
}

void Service::order_to_retire(const std::vector<WorkerId>& workers) {
    for (const WorkerId id : workers) {
        debug_.note(debug_bit::processes, [&] { return name_of(id) + " is to retire"; });
        if (!send_to_worker(id, net::RetireOrder{})) unsent_orders_.insert(id);
    }
}

void Service::send_orders_again() {
    for (auto id = unsent_orders_.begin(); id != unsent_orders_.end();) {
        const bool done = !workers_.contains(*id) || send_to_worker(*id, net::RetireOrder{});
        id = done ? unsent_orders_.erase(id) : std::next(id);
    }
}

void Service::hand_over(net::HandedConnection connection, MonoTime now) {
    const auto worker = pool_.take_for_connection();
    if (!worker) {
        debug_.note(debug_bit::services_extra, [&] {
            return settings_.name + ": no worker has room, connection " +
                   std::to_string(connection.id) + " waits";
        });
        waiting_.push_back(std::move(connection));
        return;
    }
    debug_.note(debug_bit::hand_offs, [&] {
        return settings_.name + ": connection from " + connection.remote.address.to_string() +
               " to " + name_of(*worker);
    });
    const bool by_path = connection.remote.port == 0;  // who came by a Unix socket has no address
    if (!by_path) sources_.assign(connection.id, connection.remote.address, *worker);
    book_.began(connection.id, connection.remote, connection.local, *worker, now);
    net::DispatcherRecord record(std::move(connection));
    const bool sent = send_to_worker(*worker, record);
    debug_.note(debug_bit::communication_extra, [&] {
        return name_of(*worker) + (sent ? ": sent a connection" : ": its channel is full");
    });
    auto& kept = std::get<net::HandedConnection>(record);
    // When it could not be sent, the next tick offers it again: maybe to another worker.
    const std::uint64_t id = kept.id;
    unacknowledged_.emplace(
        id, Unacknowledged{*worker, std::move(kept), sent, now + acknowledge_within}
    );
}

std::string Service::name_of(WorkerId id) const {
    const auto worker = workers_.find(id);
    const std::string pid = worker != workers_.end() ? std::to_string(worker->second.pid) : "?";
    return settings_.name + ": worker " + pid;
}

void Service::offer_again(std::vector<net::HandedConnection> connections, MonoTime now) {
    std::vector<net::HandedConnection> all = std::exchange(waiting_, {});
    for (auto& connection : connections) all.push_back(std::move(connection));
    for (auto& connection : all) hand_over(std::move(connection), now);
}

void Service::on_worker_readable(WorkerId id, MonoTime now) {
    while (true) {
        const auto worker = workers_.find(id);
        if (worker == workers_.end() || !worker->second.channel) return;
        const auto record = net::receive_worker_record(worker->second.channel.get());
        if (record) {
            worker->second.heard = now;
            note_record(id, *record);
            on_record(id, *record, now);
            continue;
        }
        if (record.error().error_number() == EAGAIN) return;
        debug_.note(debug_bit::communication_basic, [&] {
            return name_of(id) + ": channel closed";
        });
        worker->second.channel.reset();  // its end is near: SIGCHLD tells how
        return;
    }
}

void Service::on_record(WorkerId worker, const net::WorkerRecord& record, MonoTime now) {
    if (std::holds_alternative<net::WorkerReady>(record)) {
        pool_.on_ready(worker);
        offer_again({}, now);
    } else if (const auto* accepted = std::get_if<net::ConnectionAccepted>(&record)) {
        if (unacknowledged_.erase(accepted->id) > 0) pool_.on_hand_off_done(worker);
    } else if (const auto* done = std::get_if<net::ConnectionDone>(&record)) {
        sources_.leave(done->id);
        book_.ended(done->id, now);
        pool_.on_connection_done(worker, now);
    } else if (const auto* reloaded = std::get_if<net::WorkerReloaded>(&record)) {
        workers_.at(worker).answer_due = false;
        if (!reloaded->taken) replace(worker, reloaded->text);
    }
}

bool Service::on_child_exit(pid_t pid, int status, MonoTime now) {
    for (auto entry = workers_.begin(); entry != workers_.end(); ++entry) {
        if (entry->second.pid != pid) continue;
        const WorkerId id = entry->first;
        diag::info(
            settings_.name + ": worker " + std::to_string(pid) + " ended, " + end_of(status)
        );
        workers_.erase(entry);
        sources_.leave_all_of(id);
        if (pool_.on_exit(id, now)) {
            diag::warning(settings_.name + ": workers die as they start; no starts for 60 seconds");
        }
        std::vector<net::HandedConnection> orphans;
        std::set<std::uint64_t> kept_ones;
        for (auto kept = unacknowledged_.begin(); kept != unacknowledged_.end();) {
            if (kept->second.worker != id) {
                ++kept;
                continue;
            }
            kept_ones.insert(kept->first);
            orphans.push_back(std::move(kept->second.connection));
            kept = unacknowledged_.erase(kept);
        }
        book_.worker_ended(id, kept_ones, now);
        offer_again(std::move(orphans), now);
        return true;
    }
    return false;
}

std::optional<std::size_t> Service::changed_connections() {
    const std::size_t now = pool_.connections();
    if (now == told_connections_) return std::nullopt;
    told_connections_ = now;
    return now;
}

// What workers say, as far as the mask wants to know: who is ready and who takes the new
// configuration, or every connection too.
void Service::note_record(WorkerId id, const net::WorkerRecord& record) const {
    if (std::holds_alternative<net::WorkerReady>(record)) {
        debug_.note(debug_bit::workers_basic, [&] { return name_of(id) + " is ready"; });
        debug_.note(debug_bit::worker_input_basic, [&] { return name_of(id) + ": READY"; });
    } else if (const auto* accepted = std::get_if<net::ConnectionAccepted>(&record)) {
        debug_.note(debug_bit::worker_input_extra, [&] {
            return name_of(id) + ": ACCEPTED " + std::to_string(accepted->id);
        });
    } else if (const auto* done = std::get_if<net::ConnectionDone>(&record)) {
        debug_.note(debug_bit::worker_input_extra, [&] {
            return name_of(id) + ": DONE " + std::to_string(done->id);
        });
        debug_.note(debug_bit::workers_extra, [&] { return name_of(id) + " ended a connection"; });
    } else if (const auto* reloaded = std::get_if<net::WorkerReloaded>(&record)) {
        debug_.note(debug_bit::worker_input_basic, [&] {
            return name_of(id) + (reloaded->taken ? ": RELOADED" : ": RELOADED, not taken");
        });
    } else {
        debug_.note(debug_bit::worker_input_extra, [&] { return name_of(id) + ": alive"; });
    }
}

void Service::retire_workers() {
    order_to_retire(pool_.retire_all());
}

void Service::kill_workers(int signal) {
    for (const auto& [id, worker] : workers_) ::kill(worker.pid, signal);
}

std::vector<std::pair<WorkerId, int>> Service::channels() const {
    std::vector<std::pair<WorkerId, int>> out;
    for (const auto& [id, worker] : workers_) {
        if (worker.channel) out.emplace_back(id, worker.channel.get());
    }
    return out;
}

}  // namespace sluice::dispatcher
