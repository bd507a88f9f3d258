#include <algorithm>

#include "base/limit_hits.h"
#include "base/log.h"
#include "dispatcher/service.h"

// What weighs on a service, and who is told.
namespace sluice::dispatcher {

bool Service::watch_pressure(const std::vector<std::string>& behind, MonoTime now) {
    const std::size_t taken = pool_.connections();
    const StressState::Change change = stress_.observe(taken, most_connections(), now);
    if (change == StressState::Change::began) {
        limits::count(limits::Limit::stress);
        diag::warning(
            "service " + settings_.name + ": under stress, " + std::to_string(taken) + " of " +
            std::to_string(most_connections()) + " connections (STRESS_PERCENT) are taken"
        );
    } else if (change == StressState::Change::ended) {
        diag::warning(
            "service " + settings_.name +
            ": no longer under stress, connections: " + std::to_string(taken)
        );
    }
    tighten_sources();
    if (pressure_.stressed != stress_.is_on() || pressure_.channels_behind != behind) {
        pressure_ = {stress_.is_on(), behind};
        ++pressures_;
    }
    for (auto& [id, worker] : workers_) {
        if (worker.told_pressure != pressures_ && send_to_worker(id, pressure_))
            worker.told_pressure = pressures_;
    }
    return change != StressState::Change::none;
}

void Service::tighten_sources() {
    constexpr std::size_t hundred = 100;
    const std::size_t share = most_connections() * settings_.stress_source_percent / hundred;
    const bool tight = stress_.is_on() && settings_.stress_source_percent > 0;
    sources_.tighten(tight ? std::max<std::size_t>(share, 1) : 0);
}

}  // namespace sluice::dispatcher
