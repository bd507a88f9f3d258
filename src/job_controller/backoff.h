#pragma once

#include <array>
#include <chrono>
#include <vector>

#include "jobs/protocol.h"

namespace sluice::job_controller {

/// Intervals between the end of a failed attempt and the next one; the last one repeats
/// (spec: job-controller.md section 5).
struct BackoffSchedule {
    std::vector<std::chrono::seconds> intervals;

    [[nodiscard]] bool empty() const { return intervals.empty(); }
    /// The pause after the n-th failure, n from 1 on (0 counts as 1). Zero when empty.
    [[nodiscard]] std::chrono::seconds after(unsigned failures) const;
    friend bool operator==(const BackoffSchedule&, const BackoffSchedule&) = default;
};

/// The built-in schedules of a channel without `backoff` keywords. Priorities below nonurgent use
/// nonurgent's.
BackoffSchedule default_backoff(jobs::Priority priority);
/// Pauses between probes of a host that cannot be reached.
BackoffSchedule default_host_backoff();

/// Schedules for urgent, normal and nonurgent messages, in this order.
struct BackoffByPriority {
    std::array<BackoffSchedule, 3> schedules{
        default_backoff(jobs::Priority::urgent), default_backoff(jobs::Priority::normal),
        default_backoff(jobs::Priority::nonurgent)};

    [[nodiscard]] const BackoffSchedule& of(jobs::Priority priority) const;
};

}  // namespace sluice::job_controller
