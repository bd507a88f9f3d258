// How a running service takes a new configuration (docs/adr/0022-reload-swaps-the-snapshot.md).
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/log.h"
#include "dispatcher/service.h"

namespace sluice::dispatcher {

namespace {

std::string endpoint_name(const Endpoint& endpoint) {
    const std::string address = endpoint.address.to_string();
    const bool bracketed = endpoint.address.is_v6();
    return (bracketed ? '[' + address + ']' : address) + ':' + std::to_string(endpoint.port);
}

std::string place_of(const Service::Listener& listener) {
    return listener.path.empty() ? endpoint_name(listener.endpoint) : listener.path;
}

bool is_same_place(const Service::Listener& a, const Service::Listener& b) {
    return a.path == b.path && a.tls == b.tls && a.endpoint == b.endpoint;
}

bool has(const std::vector<Service::Listener>& listeners, const Service::Listener& one) {
    return std::any_of(listeners.begin(), listeners.end(), [&](const auto& other) {
        return is_same_place(one, other);
    });
}

bool needs_fresh_workers(const ServiceSettings& before, const ServiceSettings& after) {
    return before.program != after.program || before.arguments != after.arguments ||
           before.log_file != after.log_file;
}

}  // namespace

std::vector<Service::Listener> Service::wanted_listeners(const ServiceSettings& settings) const {
    std::vector<Listener> wanted;
    const auto add = [&](const std::vector<Endpoint>& endpoints, bool tls) {
        for (const Endpoint& endpoint : endpoints) {
            if (!passed_.covers(endpoint)) wanted.push_back({{}, tls, endpoint, {}});
        }
    };
    add(settings.listen, false);
    add(settings.listen_tls, true);
    const Endpoint here{IpAddress::v4({127, 0, 0, 1}), 0};
    for (const std::string& path : settings.listen_paths) wanted.push_back({{}, false, here, path});
    return wanted;
}

// First what goes, then what comes: a port may move from one address to all of them. What is in the
// backlog of a port that goes is lost, as when a service ends.
std::vector<std::string> Service::rebind(const ServiceSettings& settings) {
    std::vector<std::string> failures;
    std::vector<Listener> wanted = wanted_listeners(settings);
    std::erase_if(listeners_, [&](const Listener& listener) {
        if (has(wanted, listener)) return false;
        diag::info(settings.name + ": no longer listening on " + place_of(listener));
        if (!listener.path.empty()) ::unlink(listener.path.c_str());
        return true;
    });
    for (const Listener& listener : listeners_) ::listen(listener.socket.get(), settings.backlog);
    for (Listener& listener : wanted) {
        if (has(listeners_, listener)) continue;
        auto socket = listen(listener, settings.backlog);
        if (!socket) {
            const bool privileged = socket.error().error_number() == EACCES;
            failures.push_back(
                "service " + settings.name + " cannot listen on " + place_of(listener) +
                (privileged ? ": root was given up; stop and start the MTA"
                            : ": " + socket.error().detail())
            );
            continue;
        }
        diag::info(settings.name + ": listening on " + place_of(listener));
        listener.socket = std::move(*socket);
        listeners_.push_back(std::move(listener));
    }
    return failures;
}

std::vector<std::string> Service::reconfigure(ServiceSettings settings) {
    std::vector<std::string> failures = rebind(settings);
    const bool fresh = needs_fresh_workers(settings_, settings);
    settings_ = std::move(settings);
    pool_.set_limits(settings_.limits);
    sources_.set_limit(settings_.max_conns_per_source, settings_.stress_source_percent > 0);
    stress_.set_percent(settings_.stress_percent);
    tighten_sources();
    book_.set_historical_time(settings_.historical_time);
    if (fresh) {
        retire_workers();
        return failures;
    }
    for (auto& [id, worker] : workers_) {
        if (!pool_.is_retiring(id)) order_reload(id, worker);
    }
    return failures;
}

void Service::order_reload(WorkerId id, Worker& worker) {
    debug_.note(debug_bit::communication_basic, [&] { return name_of(id) + ": RELOAD"; });
    worker.answer_due = true;
    const auto sent = net::send_record(worker.channel.get(), net::ReloadOrder{});
    if (sent) {
        worker.order_owed = false;
    } else if (sent.error().error_number() == EAGAIN || sent.error().error_number() == EWOULDBLOCK) {
        worker.order_owed = true;
    } else {
        worker.answer_due = worker.order_owed = false;
        replace(id, sent.error().detail());
    }
}

void Service::send_owed_orders() {
    for (auto& [id, worker] : workers_) {
        if (worker.order_owed) order_reload(id, worker);
    }
}

// The connections of an old worker go on with what they began with.
void Service::replace(WorkerId id, const std::string& why) {
    const auto worker = workers_.find(id);
    if (worker == workers_.end() || !pool_.retire(id)) return;
    diag::info(
        settings_.name + ": worker " + std::to_string(worker->second.pid) + " is replaced: " + why
    );
    order_to_retire({id});
}

bool Service::reload_pending() const {
    return std::any_of(workers_.begin(), workers_.end(), [](const auto& entry) {
        return entry.second.answer_due;
    });
}

void Service::report(ServiceBook::Times now, net::Statistics& statistics) const {
    std::string ports;
    for (const Listener& listener : listeners_) {
        if (!ports.empty()) ports += ", ";
        ports += place_of(listener) + (listener.tls ? " tls" : "");
    }
    std::map<WorkerId, std::string> states;
    for (const auto& [id, worker] : workers_) states.emplace(id, pool_.state_of(id));
    book_.report(settings_.name, ports, states, now, statistics);
}

void Service::close() {
    close_listeners();
    WorkerLimits none = settings_.limits;
    none.min_procs = none.max_procs = 0;
    pool_.set_limits(none);
    retire_workers();
}

}  // namespace sluice::dispatcher
