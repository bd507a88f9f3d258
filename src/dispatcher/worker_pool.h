#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sluice::dispatcher {

/// Limits of one service, as dispatcher.cnf names them (spec page dispatcher, section 2.1).
struct WorkerLimits {
    std::size_t min_procs = 1;
    std::size_t max_procs = 10;
    std::size_t min_conns = 3;   ///< connections at which a worker is "busy enough"
    std::size_t max_conns = 10;  ///< most connections a worker has at a time
    /// Most connections that a worker was sent and has not acknowledged; no limit unless set.
    std::size_t max_handoffs = std::numeric_limits<std::size_t>::max();
    std::size_t max_life_conns = 10000;
    std::size_t max_shutdown = 2;
    std::chrono::seconds max_life_time{86400};
    std::chrono::seconds max_idle_time{600};
};

using WorkerId = std::uint64_t;

/// Which worker gets a connection, when another worker is started, which are retired: the life
/// cycle of section 3, without processes, sockets or clocks. Time is monotonic and comes as an
/// argument. Not thread-safe.
///
/// States of a worker:
///   starting --ready--> serving --(age, count, idle, order)--> retiring --last connection ends-->
///   gone any state --exited--> gone
class WorkerPool {
public:
    explicit WorkerPool(const WorkerLimits& limits) : limits_(limits) {}

    /// How many workers to start now: up to MIN_PROCS, and one more when all are busy enough.
    /// Zero while starts are suspended after a series of early deaths.
    [[nodiscard]] std::size_t starts_wanted(MonoTime now) const;
    WorkerId add(MonoTime now);
    void on_ready(WorkerId worker);

    /// The worker for the next connection, and its counts raised; nullopt when all are full or slow
    /// to acknowledge: leave the connection in the listen backlog.
    std::optional<WorkerId> take_for_connection();
    /// The hand-off of a connection is over: the worker has it, or could not be sent it.
    void on_hand_off_done(WorkerId worker);
    /// Whether take_for_connection would find one.
    [[nodiscard]] bool has_room() const;
    void on_connection_done(WorkerId worker, MonoTime now);

    /// Workers that get no more connections from now on: tell them to retire. Each is named once.
    std::vector<WorkerId> retire_expired(MonoTime now);
    /// For a restart or a stop: all workers that are not retiring yet.
    std::vector<WorkerId> retire_all();

    /// The same for one worker; false where it is retiring already.
    bool retire(WorkerId worker);
    [[nodiscard]] bool is_retiring(WorkerId worker) const;
    /// "starting", "ready", "busy" (with MIN_CONNS connections or more) or "shutting".
    [[nodiscard]] std::string state_of(WorkerId worker) const;
    /// New limits, from now on; nobody is retired for them at once.
    void set_limits(const WorkerLimits& limits) { limits_ = limits; }

    /// Returns true when this death suspended starts (five within ten seconds of their start).
    bool on_exit(WorkerId worker, MonoTime now);

    [[nodiscard]] std::size_t size() const { return workers_.size(); }
    [[nodiscard]] std::size_t connections() const;

private:
    enum class State : std::uint8_t { starting, serving, retiring };
    struct Worker {
        State state = State::starting;
        MonoTime started;
        MonoTime idle_since;
        std::size_t current = 0;
        std::size_t total = 0;
        std::size_t unacknowledged = 0;
    };

    [[nodiscard]] std::size_t count(State state) const;
    [[nodiscard]] bool takes_connections(const Worker& worker) const;
    [[nodiscard]] bool is_expired(const Worker& worker, MonoTime now) const;
    std::map<WorkerId, Worker>::iterator best_for_connection();

    WorkerLimits limits_;
    std::map<WorkerId, Worker> workers_;
    WorkerId last_id_ = 0;
    std::vector<MonoTime> early_deaths_;
    std::optional<MonoTime> suspended_until_;
};

}  // namespace sluice::dispatcher
