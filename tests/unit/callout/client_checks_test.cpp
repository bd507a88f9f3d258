#include "callout/client_checks.h"

#include <gtest/gtest.h>

#include "support/fake_resolver.h"
#include "support/manual_clock.h"
#include "support/memory_meter.h"

namespace sluice::callout {
namespace {

using net::DnsStatus;
using std::chrono::hours;
using std::chrono::minutes;

class ClientChecksTest : public testing::Test {
protected:
    ClientChecksTest() {
        add_client_checks(
            registry_, [this]() -> net::Resolver& { return resolver_; },
            [this]() -> meter::Backend& { return backend_; }
        );
    }
    std::string call(std::string_view routine, std::string_view argument) {
        const auto answer = registry_.find("abuse", routine)->call(argument);
        EXPECT_FALSE(answer.is_template) << "the text comes from outside";
        remark_ = answer.remark;
        return answer.kind == mapping::Answer::Kind::found ? answer.text : "-";
    }

    test::ManualClock clock_;
    test::FakeResolver resolver_;
    test::MemoryMeter backend_{clock_};
    Registry registry_;
    std::string remark_;  // of the last call
};

TEST_F(ClientChecksTest, ListsAreAskedTogether) {
    resolver_.addresses["4.3.2.1.bl.example"] = {"127.0.0.2"};
    resolver_.texts["4.3.2.1.bl.example"] = {"See\r\n$Nhttps://bl.example"};
    resolver_.addresses["4.3.2.1.other.example"] = {"127.0.0.9"};
    resolver_.statuses["4.3.2.1.dead.example"] = DnsStatus::not_now;
    EXPECT_EQ(
        call("dnsbl", "1.2.3.4,dead.example bl.example other.example"),
        "553 5.7.1 See  $Nhttps://bl.example"
    );
    EXPECT_EQ(
        call("dnsbl", "1.2.3.4,other.example,451 4.7.1"),
        "451 4.7.1 1.2.3.4 is listed by other.example"
    );
    EXPECT_EQ(call("dnsbl", "1.2.3.4,dead.example"), "-");
    EXPECT_EQ(call("dnsbl", "1.2.3.5,bl.example"), "-");
    resolver_.addresses["4.3.2.1.parked.example"] = {"192.0.2.1"};
    EXPECT_EQ(call("dnsbl", "1.2.3.4,parked.example"), "-") << "no answer of a list";
}

TEST_F(ClientChecksTest, ClientsWithoutAName) {
    resolver_.names["1.2.3.4"] = {"host.example"};
    resolver_.statuses["1.2.3.6"] = DnsStatus::not_now;
    resolver_.statuses["1.2.3.7"] = DnsStatus::no_data;
    constexpr std::string_view text =
        " We do not accept mail from IP addresses without reverse DNS.";
    EXPECT_EQ(call("require_ptr", "1.2.3.4"), "-");
    EXPECT_EQ(call("require_ptr", "1.2.3.5"), "451 4.7.1" + std::string(text));
    EXPECT_EQ(call("require_ptr", "1.2.3.5,550 5.7.25"), "550 5.7.25" + std::string(text));
    EXPECT_EQ(call("require_ptr", "1.2.3.6"), "-");
    EXPECT_EQ(call("require_ptr", "1.2.3.7"), "451 4.7.1" + std::string(text));
    EXPECT_EQ(remark_, "DENY no reverse DNS");
}

TEST_F(ClientChecksTest, NamesThatLeadBack) {
    resolver_.names["1.2.3.4"] = {"wrong.example", "right.example"};
    resolver_.addresses["wrong.example"] = {"192.0.2.1"};
    resolver_.addresses["right.example"] = {"192.0.2.2", "1.2.3.4"};
    EXPECT_EQ(call("require_fcrdns", "1.2.3.4"), "-");
    resolver_.addresses["right.example"] = {"192.0.2.2"};
    EXPECT_EQ(
        call("require_fcrdns", "1.2.3.4"),
        "451 4.7.1 We do not accept mail from IP addresses whose reverse DNS does not lead back."
    );
    EXPECT_EQ(call("require_ptr", "1.2.3.4"), "-");
    resolver_.addresses.erase("right.example");
    resolver_.statuses["right.example"] = DnsStatus::not_now;
    EXPECT_EQ(call("require_fcrdns", "1.2.3.4"), "-");
    EXPECT_NE(call("require_fcrdns", "1.2.3.5"), "-");
}

TEST_F(ClientChecksTest, GreylistsNetworksOfClients) {
    const std::string times = ",pt5m pt24h p36d";
    const std::string reply = "451 4.7.1 Greylisted, please come again later";
    EXPECT_EQ(call("greylist_client", "192.0.2.1" + times), reply);
    EXPECT_EQ(remark_, "GREY first time");
    clock_.advance(minutes(4));
    EXPECT_EQ(call("greylist_client", "192.0.2.1" + times), reply);
    EXPECT_EQ(remark_, "GREY too soon");
    clock_.advance(minutes(1));
    EXPECT_EQ(call("greylist_client", "192.0.2.200" + times), "-");
    EXPECT_EQ(remark_, "OK known");
    EXPECT_EQ(call("greylist_client", "192.0.3.1" + times), reply);
    clock_.advance(hours(24 * 36));
    EXPECT_EQ(call("greylist_client", "192.0.2.1" + times), "-");
    EXPECT_EQ(call("greylist_client", "192.0.3.1" + times), reply) << "came again too late";
    EXPECT_EQ(call("greylist_client", "2001:db8:1:2::1"), reply);
    clock_.advance(minutes(5));
    EXPECT_EQ(call("greylist_client", "2001:db8:1:2:ffff::1"), "-");
    EXPECT_EQ(call("greylist_client", "2001:db8:1:3::1"), reply);
}

TEST_F(ClientChecksTest, GreylistsAnyKey) {
    const std::string argument = "192.0.2.1|A,b@x|c@y,pt1m pt2h p1d";
    EXPECT_NE(call("greylist", argument), "-");
    clock_.advance(minutes(1));
    EXPECT_EQ(call("greylist", argument), "-");
    EXPECT_EQ(call("greylist", "192.0.2.1|a,B@x|c@y,pt1m pt2h p1d"), "-") << "letters have no case";
}

TEST_F(ClientChecksTest, NonsenseAndOutageRefuseNobody) {
    for (const std::string_view argument : {"", ",", "host.example", "1.2.3", "x,bl.example"}) {
        for (const std::string_view routine :
             {"dnsbl", "require_ptr", "require_fcrdns", "greylist_client"})
            EXPECT_EQ(call(routine, argument), "-") << routine << ' ' << argument;
    }
    EXPECT_EQ(call("dnsbl", "1.2.3.4"), "-");
    EXPECT_EQ(call("greylist_client", "1.2.3.4,often"), "-");
    EXPECT_EQ(call("greylist_client", "1.2.3.4,pt5m pt1m"), "-");
    EXPECT_EQ(call("greylist_client", "1.2.3.4,pt1m pt2m p1d p1d"), "-");
    backend_.is_out_of_reach = true;
    EXPECT_EQ(call("greylist_client", "1.2.3.4"), "-");
}

}  // namespace
}  // namespace sluice::callout
