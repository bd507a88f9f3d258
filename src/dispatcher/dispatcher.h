#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "dispatcher/worker_pool.h"

namespace sluice::dispatcher {

/// What PORT_ACCESS said about a new connection (spec page access-control, section 4).
struct PortDecision {
    bool refused = false;
    std::string
        reply;         ///< complete text with line ends, sent before a refused connection is closed
    std::string text;  ///< passed on to the worker: authentication rule set
    std::string log_text;  ///< passed on to the worker: for the log only
};

struct ServiceSettings {
    std::string name;
    std::vector<Endpoint> listen;
    std::vector<Endpoint> listen_tls;  ///< TLS starts at once
    std::string program;
    std::vector<std::string> arguments;
    std::string log_file;  ///< each worker appends its own ending; empty: none
    int backlog = 128;
    WorkerLimits limits;
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
    /// Called once the sockets are bound and root is given up, before the first worker starts.
    std::function<void()> serving;
    /// Asked for each connection, and again on reload. Both run in the dispatcher's thread.
    std::function<PortDecision(const Endpoint& local, const Endpoint& remote)> check_port;
    /// Reads the published configuration; from then on check_port() asks the new one. An Error:
    /// nothing changed. Called on SIGHUP.
    std::function<Result<std::vector<ServiceSettings>>()> reload;
    /// Called once all workers have answered, or had the time to, with what came of a SIGHUP.
    std::function<void(const ReloadReport&)> reloaded;
    /// Called for a refused connection, for the connection log.
    std::function<
        void(const ServiceSettings&, const Endpoint& local, const Endpoint& remote, const PortDecision&)>
        on_refused;
};

/// Binds the sockets, gives up root, serves until SIGTERM or SIGINT, then retires the workers: they
/// finish their sessions. After 2 s they are told by SIGTERM to send 421 to whoever has no message
/// under way, after 60 s they are killed. SIGHUP calls `reload`, binds and unbinds ports, and
/// has every worker take the new configuration for sessions that begin from then on; a worker that
/// cannot is replaced. Returns the exit status of the process: 0 after an orderly stop, 1 when no
/// service could be started.
int run_dispatcher(DispatcherSettings settings);

}  // namespace sluice::dispatcher
