#pragma once

#include <map>
#include <set>
#include <string>

#include "job_controller/settings.h"
#include "jobs/protocol.h"
#include "ledger.h"

namespace sluice::simulation {

/// Watches that nothing is tried sooner than its backoff allows: no message, and no host, whose
/// pauses grow with each failure in a row; and that a host which is back gets what waited for it
/// over the time of the ramp. Its own books, by names, beside those of the scheduler.
class Pressure {
public:
    Pressure(
        Ledger& ledger, const Timeline& timeline, const job_controller::ChannelSettings& channel
    )
        : ledger_(ledger),
          timeline_(timeline),
          host_backoff_(channel.host_backoff),
          ramp_(channel.host_ramp) {}

    /// An attempt at the file ended; its next one must wait.
    void failed(
        const std::string& unique,
        const std::string& host,
        jobs::Priority priority,
        unsigned attempts
    );
    /// A failed connection was reported, with a message that has been tried so often.
    void host_failed(const std::string& host, jobs::Priority priority, unsigned attempts);
    void host_reached(const std::string& host) { hosts_.erase(host); }
    /// It is up again, and so many messages wait for it.
    void host_is_back(const std::string& host, std::size_t waiting);
    [[nodiscard]] bool is_coming_back(const std::string& host) const {
        return ramps_.contains(host);
    }
    /// Some of what waited for it is gone, not tried: its shares are not known any more.
    void fewer_wait(const std::string& host) { ramps_.erase(host); }
    /// Something was handed out; so many messages for the host wait still.
    void still_waiting(const std::string& host, std::size_t waiting);
    /// The host failed before and nobody has reached it since.
    [[nodiscard]] bool is_failing(const std::string& host) const { return hosts_.contains(host); }
    /// Nothing is queued for it now: what is known of it may be forgotten.
    void host_emptied(const std::string& host);
    /// `down`: the scheduler takes it for one that does not answer.
    void handed_out(
        const std::string& unique, const std::string& host, std::size_t together, bool down
    );

    /// It may be tried at any time.
    void forget(const std::string& unique) { messages_.erase(unique); }
    /// An operator wants everything for the host tried now; empty: for all hosts.
    void run(const std::string& host);
    /// The job controller begins anew: it knows what the names of the files say.
    void restarted(bool wall_moved_ahead);
    /// Names and times of files may be older than they were.
    void power_cut() { messages_.clear(); }

private:
    void meet(const std::string& host, std::size_t together, bool down);

    Ledger& ledger_;
    const Timeline& timeline_;
    job_controller::BackoffSchedule host_backoff_;
    std::chrono::seconds ramp_;
    job_controller::BackoffByPriority backoff_;
    struct Rest {
        MonoTime until{};
        std::string host;
    };
    struct Failing {
        unsigned failures = 0;
        MonoTime until{};
        bool was_empty = false;
    };
    struct Return {
        MonoTime began{};
        std::size_t waited = 0;
    };
    std::map<std::string, Rest> messages_;
    std::map<std::string, Return> ramps_;
    std::map<std::string, Failing> hosts_;
};

}  // namespace sluice::simulation
