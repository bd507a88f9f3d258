#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace sluice::job_controller {

/// What is done when the far end of a channel is overloaded (job_controller.cnf, STRESS*).
struct StressSettings {
    std::chrono::seconds blackout{60};  ///< reports sooner after the last one are ignored
    unsigned factor = 5;                ///< threaddepth is multiplied by this
    unsigned jobs = 2;                  ///< so many processes fewer
    std::chrono::seconds time{120};     ///< without a report, then it relaxes
    unsigned unstress_factor = 5;
    unsigned unstress_jobs = 2;
    std::chrono::seconds unstress_time{120};  ///< between the steps of relaxing
};

/// The stress of one channel: what remains of its limits. Pure.
class Stress {
public:
    struct Limits {
        unsigned thread_depth = 1;
        unsigned jobs = 1;
    };

    /// Takes a report; false where it is ignored. `normal`: what the configuration says.
    bool report(const StressSettings& settings, const Limits& normal, MonoTime now);
    /// One step back towards `normal`, where its time has come; false where nothing changed.
    bool relax(const StressSettings& settings, const Limits& normal, MonoTime now);
    [[nodiscard]] bool is_on() const { return limits_.has_value(); }
    [[nodiscard]] Limits limits(const Limits& normal) const { return limits_.value_or(normal); }
    /// When relax() has something to do.
    [[nodiscard]] std::optional<MonoTime> next_time() const { return next_; }

private:
    std::optional<Limits> limits_;
    std::optional<MonoTime> last_report_;
    std::optional<MonoTime> next_;
};

}  // namespace sluice::job_controller
