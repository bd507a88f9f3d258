#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace sluice {

/// When to write a line about something that may happen a thousand times a second: at once, and
/// then at most once a minute. Pure; not thread-safe.
class FirstHit {
public:
    static constexpr std::chrono::minutes told_every{1};

    /// It happened `times` times. How often since the last line, where one is due.
    std::optional<std::uint64_t> hit(MonoTime now, std::uint64_t times = 1);

private:
    std::uint64_t untold_ = 0;
    std::optional<MonoTime> told_;
};

}  // namespace sluice
