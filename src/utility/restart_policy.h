#pragma once

#include <chrono>

#include "base/clock.h"

namespace sluice::utility {

/// When a daemon that ended is started again: at once the first time, then after pauses that double
/// up to a minute while it keeps dying young; a long life forgets all that. Ending because somebody
/// asked for it is no death. Pure.
class RestartPolicy {
public:
    void on_start(MonoTime now) { started_ = now; }
    /// The moment of the next start. `asked`: it ended in order.
    MonoTime on_end(MonoTime now, bool asked = false);

private:
    static constexpr std::chrono::seconds long_life{30};
    /// What ends in order sooner than anybody can ask for it has not come up at all.
    static constexpr std::chrono::milliseconds shortest_life{500};
    static constexpr std::chrono::milliseconds first_pause{500};
    static constexpr std::chrono::milliseconds longest_pause{60000};

    MonoTime started_{};
    std::chrono::milliseconds pause_{0};
};

}  // namespace sluice::utility
