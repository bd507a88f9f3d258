#include "dispatcher/stress_state.h"

namespace sluice::dispatcher {

namespace {

constexpr std::size_t hundred = 100;
/// It is left at this share of what it is entered at, in percent.
constexpr std::size_t leave_at = 80;

}  // namespace

StressState::Change StressState::observe(std::size_t taken, std::size_t places, MonoTime now) {
    const bool watched = percent_ > 0 && places >= least_places;
    if (!is_on_) {
        if (!watched || taken * hundred < places * percent_) return Change::none;
        is_on_ = true;
        calm_since_.reset();
        return Change::began;
    }
    const bool is_calm = !watched || taken * hundred * hundred < places * percent_ * leave_at;
    if (!is_calm) {
        calm_since_.reset();
        return Change::none;
    }
    if (!calm_since_) calm_since_ = now;
    if (watched && now - *calm_since_ < calm) return Change::none;
    is_on_ = false;
    return Change::ended;
}

}  // namespace sluice::dispatcher
