#include "callout/local_block.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/memory_meter.h"

namespace sluice::callout {
namespace {

using std::chrono::hours;

class LocalBlockTest : public testing::Test {
protected:
    LocalBlockTest() {
        add_block_routines(registry_, hours(24), clock_, [this]() -> meter::Backend& {
            return backend_;
        });
    }
    std::string call(std::string_view routine, std::string_view argument) {
        const auto answer = registry_.find("abuse", routine)->call(argument);
        EXPECT_FALSE(answer.is_template) << "the text comes from outside";
        return answer.kind == mapping::Answer::Kind::found ? answer.text : "-";
    }
    const IpAddress host_ = *IpAddress::parse("192.0.2.1");

    test::ManualClock clock_;
    test::MemoryMeter backend_{clock_};
    Registry registry_;
};

TEST_F(LocalBlockTest, HostOnTheListIsToldTheReasonUntilTheEnd) {
    EXPECT_EQ(call("local_block", "192.0.2.1"), "-");
    ASSERT_TRUE(block_host(backend_, host_, "We know you", hours(1)));
    EXPECT_EQ(call("local_block", "192.0.2.1"), "553 5.7.1 We know you");
    EXPECT_EQ(call("local_block", " 192.0.2.1, 451 4.7.1"), "451 4.7.1 We know you");
    EXPECT_EQ(call("local_block", "192.0.2.2"), "-");
    EXPECT_EQ(call("local_block", "nobody"), "-");
    clock_.advance(hours(1));
    EXPECT_EQ(call("local_block", "192.0.2.1"), "-");
}

TEST_F(LocalBlockTest, HoneypotPutsItsClientsOnTheList) {
    EXPECT_EQ(call("honeypot", "192.0.2.1,trap,with,commas@example.com"), "");
    const std::string reply = call("local_block", "192.0.2.1");
    EXPECT_TRUE(reply.starts_with("553 5.7.1 Sent mail to honeypot trap,with,commas@example.com on "
    )) << reply;
    clock_.advance(hours(23));
    EXPECT_NE(call("local_block", "192.0.2.1"), "-");
    EXPECT_EQ(call("honeypot", "192.0.2.1,trap@example.com"), "") << "again: the time begins anew";
    clock_.advance(hours(23));
    EXPECT_NE(call("local_block", "192.0.2.1"), "-");
    clock_.advance(hours(1));
    EXPECT_EQ(call("local_block", "192.0.2.1"), "-");
    EXPECT_EQ(call("honeypot", "192.0.2.1"), "-") << "no address";
    EXPECT_EQ(call("honeypot", "x,trap@example.com"), "-") << "no host";
}

TEST_F(LocalBlockTest, ReasonsFromOutsideStayOneLine) {
    EXPECT_EQ(call("honeypot", "192.0.2.1,a\r\n250 b@example.com"), "");
    EXPECT_EQ(call("local_block", "192.0.2.1").find_first_of("\r\n"), std::string::npos);
}

TEST_F(LocalBlockTest, RemovalSaysWhetherThereWasAnEntry) {
    EXPECT_FALSE(unblock_host(backend_, host_).value());
    ASSERT_TRUE(block_host(backend_, host_, "x", hours(1)));
    EXPECT_TRUE(unblock_host(backend_, host_).value());
    EXPECT_EQ(call("local_block", "192.0.2.1"), "-");
    ASSERT_TRUE(block_host(backend_, host_, "x", hours(1)));
    clock_.advance(hours(2));
    EXPECT_FALSE(unblock_host(backend_, host_).value()) << "its time is over";
}

}  // namespace
}  // namespace sluice::callout
