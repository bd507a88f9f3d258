#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

// The channels whose deliveries have fallen behind what comes in, as the job controller tells all
// programs: run/inflow_state. The first line is the number of changes and a beat that goes on while
// the list is not empty, then comes a channel a line.
namespace sluice::jobs {

struct InflowState {
    std::uint64_t changes = 0;
    std::uint64_t beat = 0;
    std::vector<std::string> channels;

    /// What makes no sense says nothing.
    static InflowState parse(std::string_view text);
    [[nodiscard]] std::string to_text() const;
};

/// "<run directory>inflow_state".
std::string inflow_state_path(std::string_view run_directory);

/// Believes a list only while its beat goes on: what a job controller left behind that was killed
/// must not slow the site for ever. Pure.
class FreshInflow {
public:
    static constexpr std::chrono::seconds beat_every{5};
    static constexpr std::chrono::seconds believed_for{30};

    /// What was read now; the channels that are behind.
    const std::vector<std::string>& heard(InflowState state, MonoTime now);

private:
    InflowState state_;
    std::optional<MonoTime> beaten_;
    std::vector<std::string> believed_;
};

}  // namespace sluice::jobs
