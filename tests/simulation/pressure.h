#pragma once

#include <map>
#include <string>

#include "job_controller/backoff.h"
#include "jobs/protocol.h"
#include "ledger.h"

namespace sluice::simulation {

/// Watches that nothing is tried sooner than its backoff allows. Its own books, by names, beside
/// those of the scheduler.
class Pressure {
public:
    Pressure(Ledger& ledger, const Timeline& timeline) : ledger_(ledger), timeline_(timeline) {}

    /// An attempt at the file ended; its next one must wait.
    void failed(
        const std::string& unique,
        const std::string& host,
        jobs::Priority priority,
        unsigned attempts
    );
    /// A failed connection was reported: nobody is sent to the host for the shortest pause.
    void host_failed(const std::string& host, jobs::Priority priority);
    void host_reached(const std::string& host) { hosts_.erase(host); }
    [[nodiscard]] bool is_parked(const std::string& host) const { return hosts_.contains(host); }
    void handed_out(const std::string& unique, const std::string& host);

    /// It may be tried at any time.
    void forget(const std::string& unique) { messages_.erase(unique); }
    /// An operator wants everything for the host tried now; empty: for all hosts.
    void run(const std::string& host);
    /// The job controller begins anew: it knows what the names of the files say.
    void restarted(bool wall_moved_ahead);

private:
    Ledger& ledger_;
    const Timeline& timeline_;
    job_controller::BackoffByPriority backoff_;
    struct Rest {
        MonoTime until{};
        std::string host;
    };
    std::map<std::string, Rest> messages_;
    std::map<std::string, MonoTime> hosts_;
};

}  // namespace sluice::simulation
