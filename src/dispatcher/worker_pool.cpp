#include "dispatcher/worker_pool.h"

#include <algorithm>

namespace sluice::dispatcher {

namespace {

constexpr std::size_t deaths_that_suspend = 5;
constexpr std::chrono::seconds early_death{10};
constexpr std::chrono::seconds suspension{60};

}  // namespace

std::size_t WorkerPool::count(State state) const {
    return static_cast<std::size_t>(std::count_if(
        workers_.begin(), workers_.end(),
        [&](const auto& entry) { return entry.second.state == state; }
    ));
}

std::size_t WorkerPool::starts_wanted(MonoTime now) const {
    if (suspended_until_ && now < *suspended_until_) return 0;
    const std::size_t starting = count(State::starting);
    const std::size_t usable = starting + count(State::serving);
    if (usable < limits_.min_procs) return limits_.min_procs - usable;
    if (usable >= limits_.max_procs || starting > 0) return 0;
    const bool all_busy = std::all_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
        return !takes_connections(entry.second) || entry.second.current >= limits_.min_conns;
    });
    return all_busy ? 1 : 0;
}

WorkerId WorkerPool::add(MonoTime now) {
    Worker worker;
    worker.started = now;
    worker.idle_since = now;
    workers_.emplace(++last_id_, worker);
    return last_id_;
}

void WorkerPool::on_ready(WorkerId id) {
    const auto worker = workers_.find(id);
    if (worker != workers_.end() && worker->second.state == State::starting)
        worker->second.state = State::serving;
}

// Fewest connections first among those not busy enough yet; else the least loaded that is not full.
std::map<WorkerId, WorkerPool::Worker>::iterator WorkerPool::best_for_connection() {
    auto best = workers_.end();
    for (auto entry = workers_.begin(); entry != workers_.end(); ++entry) {
        const Worker& worker = entry->second;
        if (!takes_connections(worker)) continue;
        if (best == workers_.end() || worker.current < best->second.current) best = entry;
    }
    return best;
}

std::optional<WorkerId> WorkerPool::take_for_connection() {
    const auto best = best_for_connection();
    if (best == workers_.end()) return std::nullopt;
    ++best->second.current;
    ++best->second.total;
    ++best->second.unacknowledged;
    return best->first;
}

void WorkerPool::on_hand_off_done(WorkerId id) {
    const auto worker = workers_.find(id);
    if (worker != workers_.end() && worker->second.unacknowledged > 0)
        --worker->second.unacknowledged;
}

bool WorkerPool::takes_connections(const Worker& worker) const {
    return worker.state == State::serving && worker.current < limits_.max_conns &&
           worker.unacknowledged < limits_.max_handoffs;
}

bool WorkerPool::has_room() const {
    return std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
        return takes_connections(entry.second);
    });
}

void WorkerPool::on_connection_done(WorkerId id, MonoTime now) {
    const auto worker = workers_.find(id);
    if (worker == workers_.end() || worker->second.current == 0) return;
    if (--worker->second.current == 0) worker->second.idle_since = now;
}

bool WorkerPool::is_expired(const Worker& worker, MonoTime now) const {
    if (worker.total >= limits_.max_life_conns) return true;
    if (now - worker.started >= limits_.max_life_time) return true;
    const bool spare = count(State::serving) > limits_.min_procs;
    return spare && worker.current == 0 && now - worker.idle_since >= limits_.max_idle_time;
}

std::vector<WorkerId> WorkerPool::retire_expired(MonoTime now) {
    std::vector<WorkerId> retired;
    std::size_t retiring = count(State::retiring);
    for (auto& [id, worker] : workers_) {
        if (worker.state != State::serving || !is_expired(worker, now)) continue;
        if (retiring >= limits_.max_shutdown) break;  // stays in service until a place is free
        worker.state = State::retiring;
        ++retiring;
        retired.push_back(id);
    }
    return retired;
}

std::vector<WorkerId> WorkerPool::retire_all() {
    std::vector<WorkerId> retired;
    for (auto& [id, worker] : workers_) {
        if (worker.state == State::retiring) continue;
        worker.state = State::retiring;
        retired.push_back(id);
    }
    return retired;
}

bool WorkerPool::retire(WorkerId id) {
    const auto worker = workers_.find(id);
    if (worker == workers_.end() || worker->second.state == State::retiring) return false;
    worker->second.state = State::retiring;
    return true;
}

bool WorkerPool::is_retiring(WorkerId id) const {
    const auto worker = workers_.find(id);
    return worker != workers_.end() && worker->second.state == State::retiring;
}

std::string WorkerPool::state_of(WorkerId id) const {
    const auto worker = workers_.find(id);
    if (worker == workers_.end() || worker->second.state == State::retiring) return "shutting";
    if (worker->second.state == State::starting) return "starting";
    return worker->second.current >= limits_.min_conns ? "busy" : "ready";
}

bool WorkerPool::on_exit(WorkerId id, MonoTime now) {
    const auto worker = workers_.find(id);
    if (worker == workers_.end()) return false;
    const bool early =
        worker->second.state != State::retiring && now - worker->second.started < early_death;
    workers_.erase(worker);
    if (!early) {
        early_deaths_.clear();
        return false;
    }
    early_deaths_.push_back(now);
    if (early_deaths_.size() < deaths_that_suspend) return false;
    early_deaths_.clear();
    suspended_until_ = now + suspension;
    return true;
}

std::size_t WorkerPool::connections() const {
    std::size_t sum = 0;
    for (const auto& [id, worker] : workers_) sum += worker.current;
    return sum;
}

}  // namespace sluice::dispatcher
