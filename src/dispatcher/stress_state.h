#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/clock.h"

namespace sluice::dispatcher {

/// Whether a service is under stress: STRESS_PERCENT of its places are taken. It ends when less
/// than four fifths of that have been taken for ten seconds. Pure; not thread-safe.
class StressState {
public:
    /// A service with fewer places is never under stress: a handful of them is no measure.
    static constexpr std::size_t least_places = 10;
    static constexpr std::chrono::seconds calm{10};

    enum class Change { none, began, ended };

    /// `percent` 0: never.
    explicit StressState(unsigned percent) : percent_(percent) {}
    void set_percent(unsigned percent) { percent_ = percent; }

    Change observe(std::size_t taken, std::size_t places, MonoTime now);
    [[nodiscard]] bool is_on() const { return is_on_; }

private:
    unsigned percent_;
    bool is_on_ = false;
    std::optional<MonoTime> calm_since_;
};

}  // namespace sluice::dispatcher
