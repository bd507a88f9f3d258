#pragma once

#include <chrono>
#include <optional>
#include <thread>

#include "base/bytes.h"
#include "base/clock.h"
#include "utility/utility.h"

// How long commands wait for daemons.
namespace sluice::utility {

inline constexpr std::chrono::seconds start_patience{30};
inline constexpr std::chrono::seconds stop_patience{90};

/// Looks again and again; false where the condition does not come true within the limit.
template <class Condition>
bool wait_until(std::chrono::seconds limit, Condition condition) {
    constexpr std::chrono::milliseconds look_again{50};
    const MonoTime end = system_clock().mono_now() + limit;
    while (!condition()) {
        if (system_clock().mono_now() >= end) return false;
        std::this_thread::sleep_for(look_again);
    }
    return true;
}

/// -timeout of a command that stops something, or what is usual; nullopt, and said so, where the
/// value is none.
inline std::optional<std::chrono::seconds> stop_limit(Invocation& invocation) {
    const auto given = invocation.line().value("timeout");
    if (!given) return stop_patience;
    const auto number = parse_unsigned(*given);
    if (number && *number > 0 && *number <= 3600) return std::chrono::seconds(*number);
    invocation.console().error("IMTA", "VALUE", "-timeout takes seconds, 1 to 3600");
    return std::nullopt;
}

}  // namespace sluice::utility
