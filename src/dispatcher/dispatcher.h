#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "access/verdict.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "dispatcher/worker_pool.h"

namespace sluice::dispatcher {

struct ServiceSettings {
    std::string name;
    std::vector<Endpoint> listen;
    std::vector<Endpoint> listen_tls;       ///< TLS starts at once
    std::vector<std::string> listen_paths;  ///< Unix sockets
    std::string program;
    std::vector<std::string> arguments;
    std::string log_file;          ///< each worker has a version of its own; empty: none
    std::size_t log_versions = 5;  ///< how many are kept; 0: all
    int backlog = 128;
    WorkerLimits limits;
    std::size_t max_conns_per_source = 0;  ///< 0: no limit
    std::vector<std::string> dns_lists;    ///< DNS_VERIFY_DOMAIN
    std::chrono::seconds historical_time{0};
    unsigned stress_percent = 80;         ///< 0: never
    unsigned stress_source_percent = 50;  ///< 0: no limit
};

/// What a SIGHUP led to.
struct ReloadReport {
    bool taken = false;
    std::vector<std::string> notes;  ///< why not; or what could not be had
};

/// Everything the dispatcher needs, taken from dispatcher.cnf and the tailor file by the caller.
struct DispatcherSettings {
    std::vector<ServiceSettings> services;
    std::vector<std::string> environment;  ///< "NAME=value" for workers; nothing else is passed on
    std::string user;         ///< account to become after binding when started as root; empty: the
    std::string tailor_file;  ///< owner of this file
    std::int64_t debug = 0;   ///< mask of section 6
    std::string control_socket;  ///< where operators ask; empty: nowhere
    std::string inflow_state;    ///< file of jobs/inflow_state.h; empty: none
    int passed_descriptors = 0;  ///< listening sockets of a service manager, from number 3 on
    /// Called once the sockets are bound and root is given up, before the first worker starts.
    std::function<void()> serving;
    /// Calls `then` with what PORT_ACCESS and DNS lists say about a new connection: at once, or
    /// later out of `attend`, which is called when `attend_fd` is readable. All of these run in the
    /// dispatcher's thread, and none of them waits.
    std::function<void(
        const ServiceSettings& service,
        const Endpoint& local,
        const Endpoint& remote,
        std::function<void(access::Verdict)> then
    )>
        check_port;
    std::function<void()> attend;
    int attend_fd = -1;
    /// Reads the published configuration; from then on check_port() asks the new one. An Error:
    /// nothing changed. Called on SIGHUP.
    std::function<Result<std::vector<ServiceSettings>>()> reload;
    /// Called once all workers have answered, or had the time to, with what came of a SIGHUP.
    std::function<void(const ReloadReport&)> reloaded;
    /// For the logs; none of them may take long, and each may be empty. `id` is the connection's
    /// number, the same that its worker is told.
    std::function<void(
        const ServiceSettings&, std::uint64_t id, const Endpoint& local, const Endpoint& remote
    )>
        on_arrived;
    std::function<void(
        const ServiceSettings&,
        std::uint64_t id,
        const Endpoint& local,
        const Endpoint& remote,
        const access::Verdict& verdict
    )>
        on_refused;
    /// Whether any service is under stress, at each change.
    std::function<void(bool stressed)> on_stress;
    /// The service has another number of connections now; `limit` is the most it can have.
    std::function<void(const ServiceSettings&, std::uint64_t connections, std::uint64_t limit)>
        on_connections;
};

/// Binds the sockets, gives up root, serves until SIGTERM or SIGINT, then retires the workers: they
/// finish their sessions. After 2 s they are told by SIGTERM to send 421 to whoever has no message
/// under way, after 60 s they are killed. SIGHUP calls `reload`, binds and unbinds ports, and
/// has every worker take the new configuration for sessions that begin from then on; a worker that
/// cannot is replaced. Returns the exit status of the process: 0 after an orderly stop, 1 when no
/// service could be started.
int run_dispatcher(DispatcherSettings settings);

}  // namespace sluice::dispatcher
