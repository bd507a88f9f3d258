#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"

namespace sluice::smtp_server {

/// How long the messages of each client address wait so that it brings no more than so many a
/// second; as many may come at once. Of IPv6 the first 64 bits count. Bounded in addresses and in
/// time. Pure; not thread-safe.
class SourceRates {
public:
    static constexpr std::size_t most_sources = 10'000;
    static constexpr std::chrono::milliseconds longest_wait{1000};

    std::chrono::milliseconds wait_of(const IpAddress& source, unsigned per_second, MonoTime now);
    [[nodiscard]] std::size_t size() const { return busy_until_.size(); }

private:
    void forget_some(MonoTime now);

    std::map<IpAddress, MonoTime> busy_until_;
};

/// What weighs on the process, as the dispatcher tells it: the service is under stress, or the
/// deliveries of some channels are behind. Asking costs a load while nothing does. Thread-safe.
class Pressure {
public:
    explicit Pressure(const Clock& clock = system_clock()) : clock_(clock) {}

    /// Returns whether the stress is another one than before.
    bool set(bool stressed, std::set<std::string, std::less<>> channels_behind);

    [[nodiscard]] bool is_stressed() const { return stressed_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool is_braking() const { return braking_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool is_behind(std::string_view channel) const;
    /// For a message to a channel that is behind.
    std::chrono::milliseconds wait_of(const IpAddress& source, unsigned per_second);

    /// That of this process.
    static Pressure& of_process();

private:
    const Clock& clock_;
    std::atomic<bool> stressed_{false};
    std::atomic<bool> braking_{false};
    mutable std::mutex mutex_;  // guards the next
    std::set<std::string, std::less<>> behind_;
    SourceRates rates_;
};

}  // namespace sluice::smtp_server
