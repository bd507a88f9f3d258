#pragma once

#include <array>
#include <cstdint>

#include "jobs/protocol.h"

namespace sluice::job_controller {

/// Channel keywords urgentblocklimit, normalblocklimit and nonurgentblocklimit: a message larger
/// than the limit of its priority goes down one step, and then meets the limit of that step. A
/// plain value.
struct SizeDemotion {
    /// Octets, for urgent, normal and nonurgent; 0: no limit.
    std::array<std::uint64_t, 3> limits{};

    [[nodiscard]] jobs::Priority priority(jobs::Priority declared, std::uint64_t octets) const {
        auto step = static_cast<std::size_t>(declared);
        while (step < limits.size() && limits[step] != 0 && octets > limits[step]) ++step;
        return static_cast<jobs::Priority>(step);
    }
};

}  // namespace sluice::job_controller
