#include "auth/guess_table.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "auth/guess_file.h"
#include "support/scratch_directory.h"

namespace sluice::auth {
namespace {

using std::chrono::milliseconds;

class GuessTableTest : public testing::Test {
protected:
    milliseconds charge(std::uint64_t key, std::int64_t now) {
        return table_.charge(key, now, policy_).delay;
    }

    std::array<GuessRow, 16> rows_{};
    GuessTable table_{rows_};
    GuessTable::Policy policy_;
};

TEST_F(GuessTableTest, EachFailureCostsMoreUpToALimit) {
    std::vector<std::int64_t> delays;
    for (int i = 0; i < 10; ++i) delays.push_back(charge(7, 1000).count());
    EXPECT_EQ(
        delays,
        (std::vector<std::int64_t>{0, 0, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000})
    );
}

TEST_F(GuessTableTest, OthersPayNothing) {
    for (int i = 0; i < 10; ++i) charge(7, 1000);
    EXPECT_EQ(charge(8, 1000).count(), 0);
}

TEST_F(GuessTableTest, ASuccessTakesBackItsOwnCountAndNoMore) {
    for (int i = 0; i < 5; ++i) charge(7, 1000);
    table_.clear(7, 1000, policy_);
    EXPECT_EQ(table_.failures(7, 1000, policy_), 4U);
    for (int i = 0; i < 9; ++i) table_.clear(7, 1000, policy_);
    EXPECT_EQ(table_.failures(7, 1000, policy_), 0U);
}

TEST_F(GuessTableTest, FailuresAreForgottenOneByOne) {
    for (int i = 0; i < 5; ++i) charge(7, 1000);
    EXPECT_EQ(table_.failures(7, 1059, policy_), 5U);
    EXPECT_EQ(table_.failures(7, 1060, policy_), 4U);
    EXPECT_EQ(table_.failures(7, 1179, policy_), 3U);
    EXPECT_EQ(table_.failures(7, 5000, policy_), 0U);
    EXPECT_EQ(charge(7, 5000).count(), 0);
}

TEST_F(GuessTableTest, AClockThatIsSetBackForgetsNothing) {
    for (int i = 0; i < 5; ++i) charge(7, 1000);
    EXPECT_EQ(table_.failures(7, 10, policy_), 5U);
}

TEST_F(GuessTableTest, BeyondTheLimitNothingIsChecked) {
    policy_.refused_after = 3;
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(table_.charge(7, 1000, policy_).refused);
    EXPECT_TRUE(table_.charge(7, 1000, policy_).refused);
    EXPECT_EQ(table_.failures(7, 1000, policy_), 3U);
    EXPECT_FALSE(table_.charge(7, 1060, policy_).refused);
}

TEST_F(GuessTableTest, WhoGuessesMostKeepsTheRowWhenThereIsNoRoom) {
    for (int i = 0; i < 20; ++i) charge(1, 1000);
    for (std::uint64_t other = 2; other < 500; ++other) charge(other * 16 + 1, 1000);
    EXPECT_EQ(table_.failures(1, 1000, policy_), 20U);
}

TEST(GuessKey, AnIpv6CustomerIsANetwork) {
    const auto key = [](const char* text) { return guess_key(*IpAddress::parse(text)); };
    EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
    EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
    EXPECT_EQ(guess_key("Amy"), guess_key("amy"));
}

TEST(GuessFile, ProcessesShareIt) {
    const test::ScratchDirectory directory;
    const std::string path = directory.path("guesses");
    GuessFile first(path);
    GuessFile second(path);
    EXPECT_EQ(first.fault(), "");
    const GuessTable::Policy policy;
    for (int i = 0; i < 4; ++i) first.table().charge(99, 50, policy);
    EXPECT_EQ(second.table().failures(99, 50, policy), 4U);
}

TEST(GuessFile, AProcessWithoutTheFileHasItsOwn) {
    GuessFile alone("/nonexistent/guesses");
    EXPECT_NE(alone.fault(), "");
    const GuessTable::Policy policy;
    alone.table().charge(99, 50, policy);
    EXPECT_EQ(alone.table().failures(99, 50, policy), 1U);
}

}  // namespace
}  // namespace sluice::auth
