#include "dispatcher/service_book.h"

#include <algorithm>
#include <utility>

namespace sluice::dispatcher {

namespace {

constexpr std::chrono::hours hour{1};

double seconds_of(MonoTime::duration time) {
    return std::chrono::duration<double>(time).count();
}

WallTime shown(MonoTime time, ServiceBook::Times now) {
    return now.wall - std::chrono::duration_cast<std::chrono::microseconds>(now.mono - time);
}

std::string place(const Endpoint& endpoint) {
    const std::string address = endpoint.address.to_string();
    return (endpoint.address.is_v6() ? '[' + address + ']' : address) + ':' +
           std::to_string(endpoint.port);
}

}  // namespace

void ServiceBook::advance(MonoTime now) {
    if (!since_) {
        since_ = last_ = now;
        return;
    }
    connection_seconds_ += static_cast<double>(open_.size()) * seconds_of(now - last_);
    if (total_ > 0) least_ = std::min<std::uint64_t>(least_.value_or(open_.size()), open_.size());
    roll_hours(now);
    last_ = now;
}

// An hour is one of the service's life, not of the clock.
void ServiceBook::roll_hours(MonoTime now) {
    const auto passed = static_cast<std::uint64_t>((now - *since_) / hour);
    for (; full_hours_ < passed; ++full_hours_) {
        least_in_hour_ = full_hours_ == 0 ? this_hour_ : std::min(least_in_hour_, this_hour_);
        most_in_hour_ = std::max(most_in_hour_, this_hour_);
        this_hour_ = 0;
    }
}

void ServiceBook::worker_started(WorkerId id, pid_t pid, MonoTime now) {
    advance(now);
    Worker worker;
    worker.pid = pid;
    worker.started = now;
    workers_.emplace(id, worker);
}

void ServiceBook::worker_ended(WorkerId id, const std::set<std::uint64_t>& kept, MonoTime now) {
    const auto worker = workers_.find(id);
    if (worker == workers_.end()) return;
    advance(now);
    for (auto entry = open_.begin(); entry != open_.end();) {
        if (entry->second.worker != id || kept.contains(entry->first)) {
            ++entry;
            continue;
        }
        Connection connection = std::move(entry->second);
        entry = open_.erase(entry);
        connection.died = true;
        finish(std::move(connection), now);
    }
    worker->second.ended = now;
    worker->second.current = 0;
    past_workers_.push_back(worker->second);
    workers_.erase(worker);
    forget(now);
}

void ServiceBook::count_up(Worker& worker) {
    ++worker.current;
    ++worker.total;
    worker.peak = std::max(worker.peak, worker.current);
}

void ServiceBook::began(
    std::uint64_t id,
    const Endpoint& source,
    const Endpoint& destination,
    WorkerId worker,
    MonoTime now
) {
    advance(now);
    auto [entry, is_new] = open_.try_emplace(id);
    Connection& connection = entry->second;
    const auto before = workers_.find(connection.worker);
    if (!is_new && before != workers_.end()) --before->second.current;
    if (is_new) {
        connection = {id, source, destination, worker, 0, now, {}, false};
        ++total_;
        ++this_hour_;
        peak_ = std::max<std::uint64_t>(peak_, open_.size());
    }
    connection.worker = worker;
    const auto taker = workers_.find(worker);
    if (taker == workers_.end()) return;
    connection.pid = taker->second.pid;
    count_up(taker->second);
}

void ServiceBook::ended(std::uint64_t id, MonoTime now) {
    const auto entry = open_.find(id);
    if (entry == open_.end()) return;
    advance(now);
    Connection connection = std::move(entry->second);
    open_.erase(entry);
    const auto worker = workers_.find(connection.worker);
    if (worker != workers_.end() && worker->second.current > 0) --worker->second.current;
    finish(std::move(connection), now);
    forget(now);
}

void ServiceBook::finish(Connection connection, MonoTime now) {
    const double duration = seconds_of(now - connection.started);
    shortest_ = ended_ == 0 ? duration : std::min(shortest_, duration);
    longest_ = std::max(longest_, duration);
    all_durations_ += duration;
    ++ended_;
    if (kept_for_ == std::chrono::seconds(0)) return;
    connection.ended = now;
    past_.push_back(std::move(connection));
}

bool ServiceBook::is_remembered(MonoTime ended, MonoTime now) const {
    return now - ended < kept_for_;
}

// Both lists are in the order of their ends.
void ServiceBook::forget(MonoTime now) {
    const auto drop = [&](auto& past) {
        while (!past.empty() &&
               (past.size() > most_remembered || !is_remembered(past.front().ended, now)))
            past.pop_front();
    };
    drop(past_);
    drop(past_workers_);
}

net::Spread ServiceBook::concurrent(MonoTime now) const {
    if (!since_) return {};
    const double lasted = seconds_of(now - *since_);
    const double sum =
        connection_seconds_ + static_cast<double>(open_.size()) * seconds_of(now - last_);
    const auto current = static_cast<double>(open_.size());
    return {
        static_cast<double>(least_.value_or(0)), lasted > 0 ? sum / lasted : current,
        static_cast<double>(peak_)};
}

net::Spread ServiceBook::per_hour(MonoTime now) const {
    if (!since_) return {};
    const auto running = static_cast<double>(this_hour_);
    if (full_hours_ == 0) return {running, running, running};
    return {
        static_cast<double>(least_in_hour_),
        static_cast<double>(total_) / (seconds_of(now - *since_) / seconds_of(hour)),
        std::max(static_cast<double>(most_in_hour_), running)};
}

void ServiceBook::report(
    const std::string& service,
    const std::string& ports,
    const std::map<WorkerId, std::string>& states,
    Times now,
    net::Statistics& statistics
) const {
    ServiceBook book = *this;  // brought up to date without touching what is counted
    book.advance(now.mono);
    book.forget(now.mono);
    net::ServiceFigures figures;
    figures.service = service;
    figures.ports = ports;
    for (const auto& [id, state] : states) {
        if (state == "ready") ++figures.ready;
        if (state == "busy") ++figures.busy;
        if (state == "shutting") ++figures.shutting;
    }
    figures.current = open_.size();
    figures.peak = peak_;
    figures.total = total_;
    figures.rejected = rejected_;
    figures.concurrent = book.concurrent(now.mono);
    figures.per_hour = book.per_hour(now.mono);
    if (ended_ > 0)
        figures.duration = {shortest_, all_durations_ / static_cast<double>(ended_), longest_};
    statistics.services.push_back(std::move(figures));

    const auto add_worker = [&](const Worker& worker, std::string state, bool over) {
        net::WorkerFigures row;
        row.service = service;
        row.pid = static_cast<std::uint64_t>(worker.pid);
        row.state = std::move(state);
        row.current = worker.current;
        row.peak = worker.peak;
        row.total = worker.total;
        row.started = shown(worker.started, now);
        if (over) row.ended = shown(worker.ended, now);
        statistics.workers.push_back(std::move(row));
    };
    for (const Worker& worker : book.past_workers_) add_worker(worker, "ended", true);
    for (const auto& [id, worker] : workers_) {
        const auto state = states.find(id);
        add_worker(worker, state == states.end() ? "shutting" : state->second, false);
    }

    const auto add_connection = [&](const Connection& connection, bool over) {
        net::ConnectionFigures row;
        row.service = service;
        row.id = connection.id;
        row.pid = static_cast<std::uint64_t>(connection.pid);
        row.source = place(connection.source);
        row.destination = place(connection.destination);
        row.started = shown(connection.started, now);
        if (over) row.ended = shown(connection.ended, now);
        row.outcome = !over ? "open" : connection.died ? "worker died" : "closed";
        statistics.connections.push_back(std::move(row));
    };
    for (const Connection& connection : book.past_) add_connection(connection, true);
    for (const auto& [id, connection] : open_) add_connection(connection, false);
}

}  // namespace sluice::dispatcher
