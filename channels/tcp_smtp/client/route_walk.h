#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <variant>

#include "base/clock.h"
#include "net/dns.h"
#include "route_plan.h"

namespace sluice::tcp_client {

/// Addresses of which something is remembered for a short while: that they could not be connected
/// to (keyword cacheeverything, the default; other ways are tried before them), or that TLS does
/// not work with them. Thread-safe; one of each kind per process.
class RememberedAddresses {
public:
    static constexpr std::chrono::minutes lifetime{5};
    /// Past this many the oldest knowledge is given up: it only saves time.
    static constexpr std::size_t limit = 10000;

    explicit RememberedAddresses(bool enabled) : enabled_(enabled) {}
    void add(const Endpoint& endpoint, MonoTime now);
    void remove(const Endpoint& endpoint);
    [[nodiscard]] bool contains(const Endpoint& endpoint, MonoTime now) const;

private:
    const bool enabled_;
    mutable std::mutex mutex_;
    std::map<Endpoint, MonoTime> until_;
};

/// A RoutePlan whose questions are answered: yields the addresses to try one after the other, those
/// known as unreachable last.
class RouteWalk {
public:
    /// The references must outlive the walk. `on_remark` is told what the DNS did not know.
    RouteWalk(
        const RouteSettings& settings,
        std::string host,
        std::uint64_t seed,
        net::Resolver& resolver,
        const RememberedAddresses& unreachable,
        std::function<void(const std::string& text)> on_remark = {}
    );

    /// Asks the resolver as needed: may take its time limit for each question.
    std::variant<route::Try, route::Exhausted> next(MonoTime now);
    /// Leaves out the other addresses of the host last tried.
    void skip_host();

private:
    void remark_on(const std::string& domain, net::DnsStatus status) const;

    RoutePlan plan_;
    net::Resolver& resolver_;
    const RememberedAddresses& unreachable_;
    std::function<void(const std::string& text)> on_remark_;
    std::deque<route::Try> postponed_;
    std::string last_host_;
};

}  // namespace sluice::tcp_client
