#include "callout/dns_verify.h"

#include <gtest/gtest.h>

#include <map>

#include "support/manual_clock.h"

namespace sluice::callout {
namespace {

using net::DnsStatus;

class FakeResolver final : public net::Resolver {
public:
    net::DnsAnswer<net::MxRecord> resolve_mx(std::string_view domain) override {
        if (mx.contains(std::string(domain))) return {DnsStatus::found, {{10, "mx.example"}}, {}};
        return {status_of(domain), {}, {}};
    }
    net::DnsAnswer<IpAddress> resolve_addresses(std::string_view host) override {
        asked += std::string(host) + ' ';
        const auto found = addresses.find(std::string(host));
        if (found != addresses.end())
            return {DnsStatus::found, {*IpAddress::parse(found->second)}, {}};
        return {status_of(host), {}, {}};
    }
    net::DnsAnswer<std::string> resolve_names(const IpAddress&) override { return {}; }
    net::DnsAnswer<std::string> resolve_texts(std::string_view) override {
        if (text.empty()) return {DnsStatus::no_data, {}, {}};
        return {DnsStatus::found, {text}, {}};
    }

    std::map<std::string, bool> mx;
    std::map<std::string, std::string> addresses;
    std::map<std::string, DnsStatus> statuses;
    std::string text;
    std::string asked;

private:
    [[nodiscard]] DnsStatus status_of(std::string_view name) const {
        const auto found = statuses.find(std::string(name));
        return found != statuses.end() ? found->second : DnsStatus::no_domain;
    }
};

class DnsVerifyTest : public testing::Test {
protected:
    DnsVerifyTest() {
        add_dns_routines(
            registry_, [this]() -> net::Resolver& { return resolver_; }, clock_
        );
    }
    mapping::Answer call(std::string_view routine, std::string_view argument) {
        return registry_.find("dns_verify", routine)->call(argument);
    }
    std::string text(std::string_view routine, std::string_view argument) {
        const auto answer = call(routine, argument);
        if (answer.kind != mapping::Answer::Kind::found) return "-";
        return (answer.is_template ? "template " : "literal ") + answer.text;
    }

    FakeResolver resolver_;
    test::ManualClock clock_;
    Registry registry_;
};

TEST_F(DnsVerifyTest, DomainWithMxOrAddressExists) {
    resolver_.mx["mx.example"] = true;
    resolver_.statuses["host.example"] = DnsStatus::no_data;
    resolver_.addresses["host.example"] = "192.0.2.1";
    EXPECT_EQ(text("dns_verify", "mx.example|$y|$N"), "template $y");
    EXPECT_EQ(text("dns_verify", "host.example|$y|$N"), "template $y");
    EXPECT_EQ(text("dns_verify", "[192.0.2.1]|$y|$N"), "template $y");
}

TEST_F(DnsVerifyTest, UnknownDomainGetsTheOtherText) {
    EXPECT_EQ(
        text("dns_verify", "no.example|$y|$NInvalid host: $6 - %e"),
        "template $NInvalid host: $6 - no such domain"
    );
    resolver_.statuses["empty.example"] = DnsStatus::no_data;
    EXPECT_EQ(text("dns_verify", "empty.example|$y|$N"), "template $N");
    EXPECT_EQ(text("dns_verify", "|$y|$N"), "template $N");
    EXPECT_EQ(text("dns_verify", "no.example"), "template ");
}

TEST_F(DnsVerifyTest, WhatNobodyCanSayNowCountsAsFound) {
    resolver_.statuses["slow.example"] = DnsStatus::not_now;
    EXPECT_EQ(text("dns_verify", "slow.example|$y|$N"), "template $y");
}

TEST_F(DnsVerifyTest, ListsAreAskedByReversedAddress) {
    resolver_.addresses["1.2.0.192.list.example"] = "127.0.0.2";
    EXPECT_EQ(text("dns_verify_domain", "192.0.2.1,list.example,gone, away"), "literal gone, away");
    EXPECT_EQ(text("dns_verify_domain", "192.0.2.9,list.example,gone"), "-");
    EXPECT_EQ(text("dns_verify_domain", "nonsense,list.example,gone"), "-");
    resolver_.asked.clear();
    EXPECT_EQ(text("dns_verify_domain", "2001:db8::1,list.example,gone"), "-");
    EXPECT_EQ(
        resolver_.asked,
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.list.example "
    );
}

TEST_F(DnsVerifyTest, OnlyLoopbackAnswersMeanListed) {
    resolver_.addresses["1.2.0.192.list.example"] = "198.51.100.1";
    EXPECT_EQ(text("dns_verify_domain", "192.0.2.1,list.example,gone"), "-");
}

TEST_F(DnsVerifyTest, TextOfTheListIsLiteral) {
    resolver_.addresses["1.2.0.192.list.example"] = "127.0.0.2";
    EXPECT_EQ(
        text("dns_verify_domain", "192.0.2.1,list.example"),
        "literal 192.0.2.1 is listed by list.example"
    );
    resolver_.text = "see $Y\nhttp://x";
    EXPECT_EQ(text("dns_verify_domain", "192.0.2.1,list.example"), "literal see $Y http://x");
    EXPECT_EQ(
        text("dns_verify_domain_port", "192.0.2.1,list.example"), "template $Nsee $$Y http://x"
    );
    EXPECT_EQ(text("dns_verify_domain_port", "192.0.2.1,list.example,no$X"), "template $Nno$X");
    EXPECT_EQ(
        text("dns_verify_domain_warn", "192.0.2.1,list.example"),
        "literal X-DNS-List: list.example (see $Y http://x)"
    );
    EXPECT_EQ(
        text("dns_verify_domain_warn", "192.0.2.1,list.example,X-Bad: yes"), "literal X-Bad: yes"
    );
}

}  // namespace
}  // namespace sluice::callout
