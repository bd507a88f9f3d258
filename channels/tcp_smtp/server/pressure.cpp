#include "pressure.h"

#include <algorithm>
#include <utility>

#include "base/client_network.h"

namespace sluice::smtp_server {

using std::chrono::milliseconds;

namespace {

/// What may come at once before anything waits, as time.
constexpr milliseconds burst{1000};

}  // namespace

milliseconds SourceRates::wait_of(const IpAddress& source, unsigned per_second, MonoTime now) {
    if (per_second == 0) return milliseconds(0);
    const IpAddress client = client_network(source);
    if (busy_until_.size() >= most_sources && !busy_until_.contains(client)) forget_some(now);
    const MonoTime::duration one = MonoTime::duration(std::chrono::seconds(1)) / per_second;
    MonoTime& until = busy_until_[client];
    until = std::min(std::max(until, now) + one, now + burst + longest_wait);
    const auto wait = std::chrono::duration_cast<milliseconds>(until - now - burst);
    return std::clamp(wait, milliseconds(0), longest_wait);
}

void SourceRates::forget_some(MonoTime now) {
    std::erase_if(busy_until_, [now](const auto& one) { return one.second <= now; });
    if (busy_until_.size() >= most_sources) busy_until_.clear();
}

bool Pressure::set(bool stressed, std::set<std::string, std::less<>> channels_behind) {
    const std::lock_guard lock(mutex_);
    behind_ = std::move(channels_behind);
    if (behind_.empty()) rates_ = {};
    braking_.store(!behind_.empty(), std::memory_order_relaxed);
    return stressed_.exchange(stressed, std::memory_order_relaxed) != stressed;
}

bool Pressure::is_behind(std::string_view channel) const {
    const std::lock_guard lock(mutex_);
    return behind_.contains(channel) || behind_.contains("*");
}

milliseconds Pressure::wait_of(const IpAddress& source, unsigned per_second) {
    const std::lock_guard lock(mutex_);
    return rates_.wait_of(source, per_second, clock_.mono_now());
}

Pressure& Pressure::of_process() {
    static Pressure pressure;
    return pressure;
}

}  // namespace sluice::smtp_server
