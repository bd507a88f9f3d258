#include "dispatcher/dns_lists.h"

#include <gtest/gtest.h>

#include "support/fake_resolver.h"
#include "support/manual_clock.h"

namespace sluice::dispatcher {
namespace {

using Lists = std::vector<std::string>;

/// A resolver that others keep an eye on.
class Borrowed final : public net::Resolver {
public:
    explicit Borrowed(test::FakeResolver& dns) : dns_(dns) {}
    net::DnsAnswer<net::MxRecord> resolve_mx(std::string_view domain) override {
        return dns_.resolve_mx(domain);
    }
    net::DnsAnswer<IpAddress> resolve_addresses(std::string_view host) override {
        return dns_.resolve_addresses(host);
    }
    net::DnsAnswer<std::string> resolve_names(const IpAddress& address) override {
        return dns_.resolve_names(address);
    }

private:
    test::FakeResolver& dns_;
};

class DnsListsTest : public testing::Test {
protected:
    std::optional<std::string> find(const char* address, const Lists& wanted) {
        return lists_.find(*IpAddress::parse(address), wanted);
    }
    void list(const std::string& name, const std::string& value = "127.0.0.2") {
        dns_.addresses[name] = {value};
    }
    void silence(const std::string& name) { dns_.statuses[name] = net::DnsStatus::not_now; }

    test::FakeResolver dns_;
    test::ManualClock clock_;
    DnsLists lists_{[this] { return std::make_unique<Borrowed>(dns_); }, clock_};
};

TEST_F(DnsListsTest, NamesTheFirstListThatHasTheAddress) {
    list("1.2.0.192.b.example");
    list("1.2.0.192.c.example");
    EXPECT_EQ(find("192.0.2.1", {"a.example", "b.example", "c.example"}), "b.example");
    EXPECT_EQ(find("192.0.2.1", {"a.example"}), std::nullopt);
    EXPECT_EQ(find("192.0.2.2", {"a.example", "b.example"}), std::nullopt);
    EXPECT_EQ(find("192.0.2.1", {}), std::nullopt);
}

TEST_F(DnsListsTest, OnlyAnswersOutOf127Count) {
    list("1.2.0.192.a.example", "192.0.2.99");
    EXPECT_EQ(find("192.0.2.1", {"a.example"}), std::nullopt);
}

TEST_F(DnsListsTest, ListsHaveAddressesOfIpv6ByNibbles) {
    list("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.a.example");
    EXPECT_EQ(find("2001:db8::1", {"a.example"}), "a.example");
}

TEST_F(DnsListsTest, SilentListListsNobody) {
    silence("1.2.0.192.dead.example");
    list("1.2.0.192.b.example");
    EXPECT_EQ(find("192.0.2.1", {"dead.example"}), std::nullopt);
    EXPECT_EQ(find("192.0.2.1", {"dead.example", "b.example"}), "b.example");
}

TEST_F(DnsListsTest, ListIsLeftOutForAMinuteAfterThreeSilencesInARow) {
    const std::string name = "1.2.0.192.a.example";
    silence(name);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(find("192.0.2.1", {"a.example"}), std::nullopt);
    list(name);  // it would answer now
    EXPECT_EQ(find("192.0.2.1", {"a.example"}), std::nullopt);
    clock_.advance(std::chrono::seconds(59));
    EXPECT_EQ(find("192.0.2.1", {"a.example"}), std::nullopt);
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(find("192.0.2.1", {"a.example"}), "a.example");
}

TEST_F(DnsListsTest, AnAnswerInBetweenEndsTheSeries) {
    silence("1.2.0.192.a.example");
    (void)find("192.0.2.1", {"a.example"});
    (void)find("192.0.2.1", {"a.example"});
    (void)find("192.0.2.9", {"a.example"});  // there is no such name: an answer
    (void)find("192.0.2.1", {"a.example"});
    list("7.2.0.192.a.example");
    EXPECT_EQ(find("192.0.2.7", {"a.example"}), "a.example");
}

}  // namespace
}  // namespace sluice::dispatcher
