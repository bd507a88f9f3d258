#include "job_controller/stress.h"

#include <algorithm>

namespace sluice::job_controller {

namespace {

constexpr unsigned deepest = 1'000'000;

}  // namespace

bool Stress::report(const StressSettings& settings, const Limits& normal, MonoTime now) {
    if (last_report_ && now - *last_report_ < settings.blackout) return false;
    last_report_ = now;
    next_ = now + settings.time;
    Limits limits = limits_.value_or(normal);
    limits.thread_depth = limits.thread_depth > deepest / std::max(1U, settings.factor)
                              ? deepest
                              : limits.thread_depth * std::max(1U, settings.factor);
    limits.jobs = limits.jobs > settings.jobs ? limits.jobs - settings.jobs : 1;
    limits_ = limits;
    return true;
}

bool Stress::relax(const StressSettings& settings, const Limits& normal, MonoTime now) {
    if (!limits_ || !next_ || now < *next_) return false;
    Limits& limits = *limits_;
    limits.thread_depth =
        std::max(limits.thread_depth / std::max(1U, settings.unstress_factor), normal.thread_depth);
    limits.jobs = std::min(limits.jobs + settings.unstress_jobs, normal.jobs);
    next_ = now + std::max(settings.unstress_time, std::chrono::seconds(1));
    // Steps that change nothing would never lead back.
    const bool stays = settings.unstress_factor <= 1 || settings.unstress_jobs == 0;
    if (stays || (limits.thread_depth <= normal.thread_depth && limits.jobs >= normal.jobs)) {
        limits_.reset();
        next_.reset();
    }
    return true;
}

}  // namespace sluice::job_controller
