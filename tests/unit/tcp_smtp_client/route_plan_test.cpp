#include "route_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace sluice::tcp_client {
namespace {

using net::DnsStatus;

IpAddress ip(std::string_view text) {
    return IpAddress::parse(text).value();
}

/// A DNS of a few names. What is not in it does not exist.
class FakeDns {
public:
    FakeDns& mx(const std::string& domain, std::uint16_t preference, const std::string& host) {
        auto& answer = mx_[domain];
        answer.status = DnsStatus::found;
        answer.records.push_back({preference, host});
        return *this;
    }
    FakeDns& mx_status(const std::string& domain, DnsStatus status) {
        mx_[domain] = {status, {}, "name server failure"};
        return *this;
    }
    FakeDns& a(const std::string& host, std::initializer_list<std::string_view> addresses) {
        auto& answer = addresses_[host];
        answer.status = addresses.size() == 0 ? DnsStatus::no_data : DnsStatus::found;
        for (const auto address : addresses) answer.records.push_back(ip(address));
        return *this;
    }
    FakeDns& a_status(const std::string& host, DnsStatus status) {
        addresses_[host] = {status, {}, "no answer in time"};
        return *this;
    }

    net::DnsAnswer<net::MxRecord> resolve_mx(const std::string& domain) {
        asked.push_back("MX " + domain);
        const auto found = mx_.find(domain);
        if (found != mx_.end()) return found->second;
        const bool exists = addresses_.contains(domain);
        return {exists ? DnsStatus::no_data : DnsStatus::no_domain, {}, ""};
    }
    net::DnsAnswer<IpAddress> resolve_addresses(const std::string& host) {
        asked.push_back("A " + host);
        const auto found = addresses_.find(host);
        if (found != addresses_.end()) return found->second;
        return {DnsStatus::no_domain, {}, ""};
    }

    std::vector<std::string> asked;

private:
    std::map<std::string, net::DnsAnswer<net::MxRecord>> mx_;
    std::map<std::string, net::DnsAnswer<IpAddress>> addresses_;
};

std::string shown(const route::Try& step) {
    return step.host + ' ' + step.endpoint.address.to_string() + ':' +
           std::to_string(step.endpoint.port);
}

std::string shown(const Error& error) {
    return (error.is_permanent() ? "permanent " : "temporary ") + error.status().to_string() + ' ' +
           error.text();
}

/// Walks the plan to its end, with every attempt failing.
std::vector<std::string> walk(
    const RouteSettings& settings, FakeDns& dns, const std::string& host, std::uint64_t seed = 1
) {
    RoutePlan plan(settings, host, seed);
    std::vector<std::string> seen;
    while (true) {
        const RouteStep step = plan.next();
        if (const auto* ask = std::get_if<route::AskMx>(&step)) {
            plan.on_mx(dns.resolve_mx(ask->domain));
        } else if (const auto* ask_host = std::get_if<route::AskAddresses>(&step)) {
            plan.on_addresses(dns.resolve_addresses(ask_host->host));
        } else if (const auto* attempt = std::get_if<route::Try>(&step)) {
            seen.push_back(shown(*attempt));
        } else {
            const auto& error = std::get<route::Exhausted>(step).error;
            if (error) seen.push_back(shown(*error));
            return seen;
        }
    }
}

using Steps = std::vector<std::string>;

TEST(RoutePlan, ExchangersInOrderOfPreference) {
    FakeDns dns;
    dns.mx("d.example", 20, "b.example").mx("d.example", 10, "a.example.");
    dns.a("a.example", {"192.0.2.1", "2001:db8::1"}).a("b.example", {"192.0.2.2"});
    EXPECT_EQ(
        walk({}, dns, "d.example."),
        (Steps{"a.example 192.0.2.1:25", "a.example 2001:db8::1:25", "b.example 192.0.2.2:25"})
    );
}

TEST(RoutePlan, AddressesAreCountedHostByHost) {
    FakeDns dns;
    dns.mx("d.example", 10, "a.example").mx("d.example", 20, "b.example");
    dns.a("a.example", {"192.0.2.1", "192.0.2.2"}).a("b.example", {"192.0.2.3"});
    const RouteSettings settings;
    RoutePlan plan(settings, "d.example", 1);
    std::vector<std::string> seen;
    while (true) {
        const RouteStep step = plan.next();
        if (std::holds_alternative<route::Exhausted>(step)) break;
        if (const auto* ask = std::get_if<route::AskMx>(&step)) {
            plan.on_mx(dns.resolve_mx(ask->domain));
        } else if (const auto* ask_host = std::get_if<route::AskAddresses>(&step)) {
            plan.on_addresses(dns.resolve_addresses(ask_host->host));
        } else {
            const auto& attempt = std::get<route::Try>(step);
            seen.push_back(
                attempt.host + ' ' + std::to_string(attempt.number) + '/' +
                std::to_string(attempt.count)
            );
        }
    }
    EXPECT_EQ(seen, (Steps{"a.example 1/2", "a.example 2/2", "b.example 1/1"}));
}

TEST(RoutePlan, LessPreferredExchangersAreNotLookedUpBeforeTheyAreNeeded) {
    FakeDns dns;
    dns.mx("d.example", 10, "a.example").mx("d.example", 20, "b.example");
    dns.a("a.example", {"192.0.2.1"}).a("b.example", {"192.0.2.2"});
    const RouteSettings settings;
    RoutePlan plan(settings, "d.example", 1);
    plan.next();
    plan.on_mx(dns.resolve_mx("d.example"));
    plan.next();
    plan.on_addresses(dns.resolve_addresses("a.example"));
    EXPECT_TRUE(std::holds_alternative<route::Try>(plan.next()));
    EXPECT_EQ(dns.asked, (Steps{"MX d.example", "A a.example"}));
    const RouteStep step = plan.next();
    ASSERT_TRUE(std::holds_alternative<route::AskAddresses>(step));
    EXPECT_EQ(std::get<route::AskAddresses>(step).host, "b.example");
}

TEST(RoutePlan, EqualPreferencesAreShuffledBySeed) {
    FakeDns dns;
    for (const char* host : {"a", "b", "c"}) {
        dns.mx("d.example", 10, host).a(host, {"192.0.2.1"});
    }
    std::set<Steps> orders;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Steps steps = walk({}, dns, "d.example", seed);
        EXPECT_EQ(steps, walk({}, dns, "d.example", seed));
        orders.insert(steps);
    }
    EXPECT_EQ(orders.size(), 6U);
}

TEST(RoutePlan, NonrandommxKeepsTheOrderReceived) {
    FakeDns dns;
    for (const char* host : {"c", "a", "b"}) {
        dns.mx("d.example", 10, host).a(host, {"192.0.2.1"});
    }
    RouteSettings settings;
    settings.mx = channel::MxUse::in_order;
    EXPECT_EQ(
        walk(settings, dns, "d.example", 7),
        (Steps{"c 192.0.2.1:25", "a 192.0.2.1:25", "b 192.0.2.1:25"})
    );
}

TEST(RoutePlan, HostWithoutExchangerIsItsOwn) {
    FakeDns dns;
    dns.a("h.example", {"192.0.2.1"});
    EXPECT_EQ(walk({}, dns, "h.example"), (Steps{"h.example 192.0.2.1:25"}));
}

TEST(RoutePlan, NomxAsksForAddressesOnly) {
    FakeDns dns;
    dns.mx("h.example", 10, "a.example").a("h.example", {"192.0.2.1"});
    RouteSettings settings;
    settings.mx = channel::MxUse::none;
    settings.port = 2525;
    EXPECT_EQ(walk(settings, dns, "h.example"), (Steps{"h.example 192.0.2.1:2525"}));
    EXPECT_EQ(dns.asked, (Steps{"A h.example"}));
}

struct FailureCase {
    const char* name;
    void (*fill)(FakeDns&);
    const char* host;
    const char* expected;
};

class FailedRoute : public testing::TestWithParam<FailureCase> {};

TEST_P(FailedRoute, SaysWhy) {
    FakeDns dns;
    GetParam().fill(dns);
    EXPECT_EQ(walk({}, dns, GetParam().host), Steps{GetParam().expected});
}

INSTANTIATE_TEST_SUITE_P(
    All,
    FailedRoute,
    testing::Values(
        FailureCase{
            "NoSuchDomain", [](FakeDns&) {}, "very.bogus.example",
            "permanent 5.1.2 Illegal host/domain name found"},
        FailureCase{
            "NullMx", [](FakeDns& dns) { dns.mx("d.example", 0, ""); }, "d.example",
            "permanent 5.1.10 domain d.example takes no mail (null MX)"},
        FailureCase{
            "MxServerFailure", [](FakeDns& dns) { dns.mx_status("d.example", DnsStatus::not_now); },
            "d.example", "temporary 4.4.3 name server failure"},
        FailureCase{
            "NeitherMxNorAddress", [](FakeDns& dns) { dns.a("d.example", {}); }, "d.example",
            "permanent 5.4.4 host d.example has no address"},
        FailureCase{
            "AddressServerFailure",
            [](FakeDns& dns) {
                dns.mx_status("d.example", DnsStatus::no_data)
                    .a_status("d.example", DnsStatus::not_now);
            },
            "d.example", "temporary 4.4.3 no answer in time"},
        FailureCase{
            "NoExchangerHasAnAddress",
            [](FakeDns& dns) { dns.mx("d.example", 1, "a").mx("d.example", 2, "b").a("b", {}); },
            "d.example", "permanent 5.4.4 no mail exchanger of d.example has an address"},
        FailureCase{
            "OneExchangerMayHaveAnAddressLater",
            [](FakeDns& dns) {
                dns.mx("d.example", 1, "a").mx("d.example", 2, "b").a("b", {});
                dns.a_status("a", DnsStatus::not_now);
            },
            "d.example", "temporary 4.4.3 no answer in time"},
        FailureCase{
            "EmptyHost", [](FakeDns&) {}, "", "permanent 5.1.2 Illegal host/domain name found"},
        FailureCase{
            "EmptyLabel", [](FakeDns&) {}, "a..b",
            "permanent 5.1.2 Illegal host/domain name found"},
        FailureCase{
            "LiteralOfAnotherKind", [](FakeDns&) {}, "[x400:foo]",
            "permanent 5.1.2 Illegal host/domain name found"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(RoutePlan, ExchangerWithoutAddressIsPassedOver) {
    FakeDns dns;
    dns.mx("d.example", 1, "gone").mx("d.example", 2, "b").a("b", {"192.0.2.2"});
    EXPECT_EQ(walk({}, dns, "d.example"), (Steps{"b 192.0.2.2:25"}));
}

TEST(RoutePlan, NullMxAmongOthersIsNonsenseAndLeftOut) {
    FakeDns dns;
    dns.mx("d.example", 0, "").mx("d.example", 10, "a").a("a", {"192.0.2.1"});
    EXPECT_EQ(walk({}, dns, "d.example"), (Steps{"a 192.0.2.1:25"}));
}

TEST(RoutePlan, LiteralNeedsNoDns) {
    FakeDns dns;
    EXPECT_EQ(walk({}, dns, "[192.0.2.7]"), (Steps{"[192.0.2.7] 192.0.2.7:25"}));
    EXPECT_EQ(walk({}, dns, "[IPv6:2001:db8::7]"), (Steps{"[IPv6:2001:db8::7] 2001:db8::7:25"}));
    EXPECT_TRUE(dns.asked.empty());
}

RouteSettings with_own_names() {
    RouteSettings settings;
    settings.own.names = {"mail.example.com"};
    settings.own.listeners = {{ip("0.0.0.0"), 25}};
    settings.own.interfaces = {ip("198.51.100.1")};
    return settings;
}

TEST(RoutePlan, OnlyExchangersBetterThanWeAreUsed) {
    FakeDns dns;
    dns.mx("d.example", 10, "a").mx("d.example", 20, "MAIL.example.com.");
    dns.mx("d.example", 20, "b").mx("d.example", 30, "c");
    for (const char* host : {"a", "b", "c"}) dns.a(host, {"192.0.2.1"});
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        EXPECT_EQ(walk(with_own_names(), dns, "d.example", seed), (Steps{"a 192.0.2.1:25"}));
    }
}

TEST(RoutePlan, OurAddressCountsAsOurName) {
    FakeDns dns;
    dns.mx("d.example", 10, "a").mx("d.example", 20, "b").mx("d.example", 20, "c");
    dns.a("a", {"192.0.2.1"}).a("b", {"192.0.2.2"}).a("c", {"198.51.100.1"});
    EXPECT_EQ(walk(with_own_names(), dns, "d.example"), (Steps{"a 192.0.2.1:25"}));
}

TEST(RoutePlan, BestExchangerOurselvesIsALoop) {
    FakeDns dns;
    dns.mx("d.example", 10, "mail.example.com").mx("d.example", 20, "b").a("b", {"192.0.2.2"});
    EXPECT_EQ(
        walk(with_own_names(), dns, "d.example"),
        (Steps{"permanent 5.4.6 mail for d.example loops back here"})
    );
    dns.a("here.example", {"127.0.0.1"});
    EXPECT_EQ(
        walk(with_own_names(), dns, "here.example"),
        (Steps{"permanent 5.4.6 mail for here.example loops back here"})
    );
    EXPECT_EQ(
        walk(with_own_names(), dns, "[198.51.100.1]"),
        (Steps{"permanent 5.4.6 mail for [198.51.100.1] loops back here"})
    );
}

TEST(RoutePlan, AnotherPortOfOursIsNoLoop) {
    FakeDns dns;
    dns.a("filter.example", {"127.0.0.1"});
    RouteSettings settings = with_own_names();
    settings.port = 10025;
    EXPECT_EQ(walk(settings, dns, "filter.example"), (Steps{"filter.example 127.0.0.1:10025"}));
}

TEST(RoutePlan, DaemonTakesEverythingToOneHost) {
    FakeDns dns;
    dns.a("relay.example", {"192.0.2.9"});
    RouteSettings settings;
    settings.daemon = "relay.example";
    EXPECT_EQ(walk(settings, dns, "d.example"), (Steps{"relay.example 192.0.2.9:25"}));
    EXPECT_EQ(dns.asked, (Steps{"MX relay.example", "A relay.example"}));
    settings.daemon = "[192.0.2.10]";
    EXPECT_EQ(walk(settings, dns, "d.example"), (Steps{"[192.0.2.10] 192.0.2.10:25"}));
}

TEST(RoutePlan, BracketsAroundTheDaemonsNameMeanThatHostItself) {
    FakeDns dns;
    dns.mx("relay.example", 10, "a").a("relay.example", {"192.0.2.9"});
    RouteSettings settings;
    settings.daemon = "[relay.example]";
    EXPECT_EQ(walk(settings, dns, "d.example"), (Steps{"relay.example 192.0.2.9:25"}));
    EXPECT_EQ(dns.asked, (Steps{"A relay.example"}));
}

TEST(RoutePlan, MissingDaemonHostReturnsNoMail) {
    FakeDns dns;
    RouteSettings settings;
    settings.daemon = "mistyped.example";
    EXPECT_EQ(
        walk(settings, dns, "d.example"), (Steps{"temporary 4.1.2 Illegal host/domain name found"})
    );
}

TEST(RoutePlan, DaemonMayBeThisMachine) {
    FakeDns dns;
    RouteSettings settings = with_own_names();
    settings.daemon = "[127.0.0.1]";
    EXPECT_EQ(walk(settings, dns, "d.example"), (Steps{"[127.0.0.1] 127.0.0.1:25"}));
}

TEST(RoutePlan, LastResortComesLast) {
    FakeDns dns;
    dns.mx("d.example", 10, "a").a("a", {"192.0.2.1"}).a("resort.example", {"192.0.2.8"});
    RouteSettings settings;
    settings.last_resort = "resort.example";
    EXPECT_EQ(
        walk(settings, dns, "d.example"), (Steps{"a 192.0.2.1:25", "resort.example 192.0.2.8:25"})
    );
    dns.mx("e.example", 10, "nowhere");
    EXPECT_EQ(walk(settings, dns, "e.example"), (Steps{"resort.example 192.0.2.8:25"}));
    EXPECT_EQ(
        walk(settings, dns, "bogus.example"),
        (Steps{"permanent 5.1.2 Illegal host/domain name found"})
    );
    settings.last_resort = "[192.0.2.99]";
    EXPECT_EQ(walk(settings, dns, "e.example"), (Steps{"[192.0.2.99] 192.0.2.99:25"}));
}

TEST(RoutePlan, LimitsHostsAndAddresses) {
    FakeDns dns;
    for (std::uint16_t i = 0; i < 500; ++i) {
        const std::string host = "h" + std::to_string(i);
        dns.mx("d.example", i, host).a(host, {"192.0.2.1"});
    }
    EXPECT_EQ(walk({}, dns, "d.example").size(), 32U);
    RouteSettings settings;
    settings.max_mx = 1;
    settings.max_addresses = 3;
    dns.a("h0", {"192.0.2.2", "192.0.2.3", "192.0.2.4", "2001:db8::1", "2001:db8::2"});
    EXPECT_EQ(
        walk(settings, dns, "d.example"),
        (Steps{"h0 192.0.2.1:25", "h0 192.0.2.2:25", "h0 2001:db8::1:25"})
    );
}

TEST(RoutePlan, OurOwnPreferenceCountsEvenBeyondTheLimit) {
    FakeDns dns;
    dns.mx("d.example", 5, "a").a("a", {"192.0.2.1"}).mx("d.example", 5, "mail.example.com");
    RouteSettings settings = with_own_names();
    settings.max_mx = 1;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        EXPECT_EQ(
            walk(settings, dns, "d.example", seed),
            (Steps{"permanent 5.4.6 mail for d.example loops back here"})
        );
    }
}

TEST(RoutePlan, InterfaceAddressLimitsTheFamily) {
    FakeDns dns;
    dns.mx("d.example", 5, "a").a("a", {"192.0.2.1", "2001:db8::1"});
    dns.mx("e.example", 5, "b").a("b", {"2001:db8::1"});
    RouteSettings settings;
    settings.source = ip("192.0.2.200");
    EXPECT_EQ(walk(settings, dns, "d.example"), (Steps{"a 192.0.2.1:25"}));
    EXPECT_EQ(
        walk(settings, dns, "e.example"),
        (Steps{"temporary 4.4.4 e.example has no address of the interface's family"})
    );
}

TEST(RoutePlan, SkipHostLeavesItsOtherAddressesOut) {
    FakeDns dns;
    dns.mx("d.example", 1, "a").mx("d.example", 1, "b");
    dns.a("a", {"192.0.2.1", "192.0.2.2"}).a("b", {"192.0.2.3", "192.0.2.4"});
    RouteSettings settings;
    settings.mx = channel::MxUse::in_order;
    RoutePlan plan(settings, "d.example", 1);
    plan.next();
    plan.on_mx(dns.resolve_mx("d.example"));
    for (const char* host : {"a", "b"}) {
        plan.next();
        plan.on_addresses(dns.resolve_addresses(host));
    }
    EXPECT_EQ(shown(std::get<route::Try>(plan.next())), "a 192.0.2.1:25");
    plan.skip_host();
    EXPECT_EQ(shown(std::get<route::Try>(plan.next())), "b 192.0.2.3:25");
    EXPECT_EQ(shown(std::get<route::Try>(plan.next())), "b 192.0.2.4:25");
}

}  // namespace
}  // namespace sluice::tcp_client
