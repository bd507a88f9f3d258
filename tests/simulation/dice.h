#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>

#include "timeline.h"

namespace sluice::simulation {

/// The only source of chance in a simulation: one seed, one history.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t count) { return random_() % count; }
    bool chance(double probability) { return unit() < probability; }
    Duration between(Duration least, Duration most) {
        const auto room = static_cast<std::uint64_t>((most - least).count()) + 1;
        return least + Duration(static_cast<Duration::rep>(below(room)));
    }
    /// The pause until something happens that happens on average every `mean`.
    Duration until_next(Duration mean) {
        const double factor = -std::log(1.0 - unit());
        return Duration(static_cast<Duration::rep>(static_cast<double>(mean.count()) * factor));
    }

private:
    double unit() { return static_cast<double>(random_() >> 11U) * 0x1.0p-53; }
    std::mt19937_64 random_;
};

}  // namespace sluice::simulation
