#include "route_walk.h"

#include <gtest/gtest.h>

namespace sluice::tcp_client {
namespace {

using net::DnsStatus;
using std::chrono::minutes;

Endpoint smtp_port_of(std::string_view address) {
    return {IpAddress::parse(address).value(), 25};
}

/// d.example has the exchangers a (192.0.2.1 and 2) and b (192.0.2.3).
class FakeResolver final : public net::Resolver {
public:
    net::DnsAnswer<net::MxRecord> resolve_mx(std::string_view) override {
        return {DnsStatus::found, {{1, "a"}, {2, "b"}}, {}};
    }
    net::DnsAnswer<IpAddress> resolve_addresses(std::string_view host) override {
        const auto ip = [](std::string_view text) { return IpAddress::parse(text).value(); };
        if (host == "a") return {DnsStatus::found, {ip("192.0.2.1"), ip("192.0.2.2")}, {}};
        return {DnsStatus::found, {ip("192.0.2.3")}, {}};
    }
    net::DnsAnswer<std::string> resolve_names(const IpAddress&) override { return {}; }
};

std::vector<std::string> addresses(RouteWalk& walk, MonoTime now) {
    std::vector<std::string> seen;
    while (true) {
        const auto step = walk.next(now);
        const auto* where = std::get_if<route::Try>(&step);
        if (where == nullptr) return seen;
        seen.push_back(where->endpoint.address.to_string());
    }
}

class RouteWalkTest : public testing::Test {
protected:
    RouteWalk walk(const RememberedAddresses& unreachable) {
        return RouteWalk(settings_, "d.example", 1, resolver_, unreachable);
    }
    RouteSettings settings_;
    FakeResolver resolver_;
    MonoTime now_ = MonoTime(minutes(100));
};

using Order = std::vector<std::string>;

TEST_F(RouteWalkTest, RememberedAddressesComeLastForAWhile) {
    RememberedAddresses unreachable(true);
    unreachable.add(smtp_port_of("192.0.2.1"), now_);
    auto first = walk(unreachable);
    EXPECT_EQ(addresses(first, now_), (Order{"192.0.2.2", "192.0.2.3", "192.0.2.1"}));
    auto later = walk(unreachable);
    EXPECT_EQ(
        addresses(later, now_ + RememberedAddresses::lifetime),
        (Order{"192.0.2.1", "192.0.2.2", "192.0.2.3"})
    );
    unreachable.remove(smtp_port_of("192.0.2.1"));
    auto again = walk(unreachable);
    EXPECT_EQ(addresses(again, now_), (Order{"192.0.2.1", "192.0.2.2", "192.0.2.3"}));
}

TEST_F(RouteWalkTest, NocacheForgetsAtOnce) {
    RememberedAddresses unreachable(false);
    unreachable.add(smtp_port_of("192.0.2.1"), now_);
    auto order = walk(unreachable);
    EXPECT_EQ(addresses(order, now_), (Order{"192.0.2.1", "192.0.2.2", "192.0.2.3"}));
}

TEST_F(RouteWalkTest, SkippedHostIsNotTriedLateEither) {
    RememberedAddresses unreachable(true);
    unreachable.add(smtp_port_of("192.0.2.1"), now_);
    auto order = walk(unreachable);
    const auto step = order.next(now_);
    EXPECT_EQ(std::get<route::Try>(step).endpoint, smtp_port_of("192.0.2.2"));
    order.skip_host();
    EXPECT_EQ(addresses(order, now_), (Order{"192.0.2.3"}));
}

TEST(RememberedAddresses, MemoryIsBounded) {
    RememberedAddresses unreachable(true);
    const MonoTime now{minutes(100)};
    for (std::uint32_t i = 0; i < 20000; ++i) {
        unreachable.add(
            {IpAddress::v4({10, 0, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)}
             ),
             25},
            now
        );
    }
    EXPECT_FALSE(unreachable.contains(smtp_port_of("10.0.0.0"), now));
    EXPECT_TRUE(unreachable.contains(smtp_port_of("10.0.78.31"), now));
}

}  // namespace
}  // namespace sluice::tcp_client
