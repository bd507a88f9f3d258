#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/ip_address.h"
#include "dispatcher/worker_pool.h"
#include "net/service_statistics.h"

namespace sluice::dispatcher {

/// What happened to the workers and connections of one service, for the statistics. Those that are
/// over remain for HISTORICAL_TIME. Pure: time comes as an argument. Not thread-safe.
class ServiceBook {
public:
    /// The most that is remembered of what is over, however long HISTORICAL_TIME is.
    static constexpr std::size_t most_remembered = 10000;

    explicit ServiceBook(std::chrono::seconds historical_time) : kept_for_(historical_time) {}
    void set_historical_time(std::chrono::seconds time) { kept_for_ = time; }

    void worker_started(WorkerId worker, pid_t pid, MonoTime now);
    /// Connections that it had end with it, but for `kept`, which go to another.
    void worker_ended(WorkerId worker, const std::set<std::uint64_t>& kept, MonoTime now);
    /// A connection was handed to the worker. One that is handed over again moves.
    void began(
        std::uint64_t id,
        const Endpoint& source,
        const Endpoint& destination,
        WorkerId worker,
        MonoTime now
    );
    void ended(std::uint64_t id, MonoTime now);
    void rejected() { ++rejected_; }

    /// How a moment is shown: what the wall clock says now, and when that is.
    struct Times {
        WallTime wall;
        MonoTime mono;
    };
    /// Adds its figures; `states` are those of the workers that live.
    void report(
        const std::string& service,
        const std::string& ports,
        const std::map<WorkerId, std::string>& states,
        Times now,
        net::Statistics& statistics
    ) const;

private:
    struct Worker {
        pid_t pid = 0;
        std::uint64_t current = 0;
        std::uint64_t peak = 0;
        std::uint64_t total = 0;
        MonoTime started;
        MonoTime ended;
    };
    struct Connection {
        std::uint64_t id = 0;
        Endpoint source;
        Endpoint destination;
        WorkerId worker = 0;
        pid_t pid = 0;
        MonoTime started;
        MonoTime ended;
        bool died = false;  ///< with its worker
    };

    /// Before the number of connections changes.
    void advance(MonoTime now);
    void roll_hours(MonoTime now);
    static void count_up(Worker& worker);
    void finish(Connection connection, MonoTime now);
    [[nodiscard]] bool is_remembered(MonoTime ended, MonoTime now) const;
    void forget(MonoTime now);
    [[nodiscard]] net::Spread concurrent(MonoTime now) const;
    [[nodiscard]] net::Spread per_hour(MonoTime now) const;

    std::chrono::seconds kept_for_;
    std::map<WorkerId, Worker> workers_;
    std::deque<Worker> past_workers_;
    std::map<std::uint64_t, Connection> open_;
    std::deque<Connection> past_;

    std::uint64_t peak_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t rejected_ = 0;
    std::optional<std::uint64_t> least_;  ///< connections at a time, since the first
    std::optional<MonoTime> since_;
    MonoTime last_{};
    double connection_seconds_ = 0;
    std::uint64_t full_hours_ = 0;
    std::uint64_t this_hour_ = 0;
    std::uint64_t least_in_hour_ = 0;
    std::uint64_t most_in_hour_ = 0;
    std::uint64_t ended_ = 0;
    double shortest_ = 0;
    double longest_ = 0;
    double all_durations_ = 0;
};

}  // namespace sluice::dispatcher
