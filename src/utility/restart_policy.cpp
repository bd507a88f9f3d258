#include "utility/restart_policy.h"

#include <algorithm>

namespace sluice::utility {

MonoTime RestartPolicy::on_end(MonoTime now, bool asked) {
    if (asked && now - started_ >= shortest_life) return now;
    if (now - started_ >= long_life) pause_ = std::chrono::milliseconds(0);
    const MonoTime next = now + pause_;
    pause_ = std::clamp(pause_ * 2, first_pause, longest_pause);
    return next;
}

}  // namespace sluice::utility
