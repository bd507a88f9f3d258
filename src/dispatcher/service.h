#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "dispatcher/debug.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/passed_sockets.h"
#include "dispatcher/service_book.h"
#include "dispatcher/service_number.h"
#include "dispatcher/source_shares.h"
#include "dispatcher/stress_state.h"
#include "net/handoff.h"

namespace sluice::dispatcher {

/// One service at run time: its listening sockets, its workers, the connections on their way to
/// them. The dispatcher's event loop owns it and calls it from one thread.
class Service {
public:
    struct Listener {
        UniqueFd socket;
        bool tls = false;
        Endpoint endpoint;
        std::string path;  ///< of a Unix socket
    };

    /// `debug`: mask of section 6. `passed`: sockets that need not be bound; outlives the service.
    Service(
        ServiceSettings settings,
        std::vector<std::string> environment,
        std::int64_t debug,
        PassedSockets& passed
    );

    /// Of the list that has the service.
    void set_number(ServiceNumber number) { number_ = number; }
    [[nodiscard]] ServiceNumber number() const { return number_; }
    /// Binds every port; an Error names the one that cannot be had.
    Result<void> bind();
    /// Starts, retires and re-offers what is due. Call often; cheap when nothing is.
    void tick(MonoTime now);
    /// The share of each client address. Who was refused for another reason has to leave.
    SourceShares& sources() { return sources_; }
    /// Unix sockets: once root is given up, so that they are the account's. What cannot be had is
    /// reported.
    void bind_paths();
    /// PORT_ACCESS or the share of its address kept a connection out.
    void count_rejected() { book_.rejected(); }
    void report(ServiceBook::Times now, net::Statistics& statistics) const;
    /// Looks whether the service is under stress, and tells workers that do not know yet what
    /// weighs on it. `behind`: channels of jobs/inflow_state.h. True: the stress began or ended.
    bool watch_pressure(const std::vector<std::string>& behind, MonoTime now);
    [[nodiscard]] bool is_stressed() const { return stress_.is_on(); }
    /// Hands a connection to a worker. Call only while has_room().
    void hand_over(net::HandedConnection connection, MonoTime now);
    /// Something came from, or happened to, the worker with this channel.
    void on_worker_readable(WorkerId worker, MonoTime now);
    /// Returns true when the process was one of ours.
    bool on_child_exit(pid_t pid, int status, MonoTime now);
    void retire_workers();

    /// Takes new settings: binds and unbinds ports, and tells the workers to take the published
    /// configuration. Workers whose program, arguments or log file changed are replaced. Returns
    /// what could not be had, such as a port below 1024 now that root is given up.
    std::vector<std::string> reconfigure(ServiceSettings settings);
    /// Whether some worker has not answered yet.
    [[nodiscard]] bool reload_pending() const;
    /// No connections any more; the workers finish their sessions.
    void close();
    void kill_workers(int signal);

    [[nodiscard]] bool has_room() const { return pool_.has_room(); }
    /// How many connections the workers have, where that is another number than at the last call.
    std::optional<std::size_t> changed_connections();
    [[nodiscard]] std::size_t most_connections() const {
        return settings_.limits.max_procs * settings_.limits.max_conns;
    }
    [[nodiscard]] std::size_t worker_count() const { return workers_.size(); }
    [[nodiscard]] const ServiceSettings& settings() const { return settings_; }
    [[nodiscard]] const std::vector<Listener>& listeners() const { return listeners_; }
    /// Channels of the running workers, for the event loop.
    [[nodiscard]] std::vector<std::pair<WorkerId, int>> channels() const;
    void close_listeners();

private:
    struct Worker {
        pid_t pid = -1;
        UniqueFd channel;
        MonoTime heard;
        bool order_owed = false;  ///< RELOAD did not fit into the channel: nothing else goes before
        bool answer_due = false;  ///< of RELOADED
        std::uint64_t told_pressure = 0;  ///< number of the last one
    };
    /// Kept, socket included, until the worker says that it has it.
    struct Unacknowledged {
        WorkerId worker = 0;
        net::HandedConnection connection;
        bool sent = false;  ///< false: the worker's channel was full, it never saw it
        MonoTime deadline;
    };

    void start_one(MonoTime now);
    void tighten_sources();
    void order_reload(WorkerId id, Worker& worker);
    void replace(WorkerId id, const std::string& why);
    void send_owed_orders();
    Result<UniqueFd> listen(const Listener& listener, int backlog);
    std::vector<std::string> rebind(const ServiceSettings& settings);
    [[nodiscard]] std::vector<Listener> wanted_listeners(const ServiceSettings& settings) const;
    bool send_to_worker(WorkerId worker, const net::DispatcherRecord& record);
    void kill_silent_workers(MonoTime now);
    void offer_unsent_again(MonoTime now);
    void kill_stuck(WorkerId id, MonoTime now);
    void offer_again(std::vector<net::HandedConnection> connections, MonoTime now);
    void on_record(WorkerId worker, const net::WorkerRecord& record, MonoTime now);

    ServiceNumber number_ = 0;
    ServiceSettings settings_;
    [[nodiscard]] UniqueFd next_log();
    void order_to_retire(const std::vector<WorkerId>& workers);
    void send_orders_again();
    /// "SMTP: worker 4711", for debugging.
    [[nodiscard]] std::string name_of(WorkerId worker) const;
    void note_record(WorkerId worker, const net::WorkerRecord& record) const;

    std::vector<std::string> environment_;
    Debug debug_;
    PassedSockets& passed_;
    std::vector<Listener> listeners_;
    WorkerPool pool_;
    SourceShares sources_;
    StressState stress_;
    net::PressureOrder pressure_;
    std::uint64_t pressures_ = 0;  ///< how often it was another one
    ServiceBook book_;
    std::size_t told_connections_ = 0;
    std::map<WorkerId, Worker> workers_;
    std::map<std::uint64_t, Unacknowledged> unacknowledged_;
    std::vector<net::HandedConnection> waiting_;
    std::set<WorkerId> unsent_orders_;  ///< their channels were full
};

}  // namespace sluice::dispatcher
