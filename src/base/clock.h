#pragma once

#include <chrono>

namespace sluice {

/// Wall clock, for text and for ages that must survive a restart.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
/// Monotonic clock, for every timer and schedule: the wall clock may jump.
using MonoTime = std::chrono::steady_clock::time_point;

/// Where the shells get the time from; pure cores take time points as arguments. Thread-safe.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual WallTime wall_now() const = 0;
    [[nodiscard]] virtual MonoTime mono_now() const = 0;
};

/// The machine's clocks.
const Clock& system_clock();

}  // namespace sluice
