#include "job_controller/inflow_brake.h"

#include <gtest/gtest.h>

#include "scheduler_fixture.h"

// Deliveries that fall behind what comes in.
namespace sluice::job_controller {
namespace {

const MonoTime begin{std::chrono::hours(1000)};
using Names = std::vector<std::string>;

/// A channel with a number of ready messages and a pace, looked at once a second.
class Brake : public testing::Test {
protected:
    /// What changed in so many seconds.
    std::vector<InflowBrake::Change> pass(int seconds, std::size_t ready, std::uint64_t pace) {
        std::vector<InflowBrake::Change> all;
        for (int i = 0; i < seconds; ++i) {
            now_ += 1s;
            delivered_ += pace;
            const ChannelLoad load{"tcp_local", ready, delivered_};
            for (auto& change : brake_.observe(settings_, {&load, 1}, now_))
                all.push_back(std::move(change));
        }
        return all;
    }

    InflowSettings settings_{10000, 300s};
    InflowBrake brake_;
    MonoTime now_ = begin;
    std::uint64_t delivered_ = 0;
};

TEST_F(Brake, IsPulledWhenTheQueueWouldTakeTooLongForTenSeconds) {
    EXPECT_TRUE(pass(10, 10000, 30).empty());
    EXPECT_FALSE(brake_.is_on());
    const auto changes = pass(1, 10000, 30);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].channel, "tcp_local");
    EXPECT_TRUE(changes[0].behind);
    EXPECT_EQ(changes[0].ready, 10000U);
    EXPECT_DOUBLE_EQ(changes[0].pace, 30);
    EXPECT_EQ(brake_.channels(), Names{"tcp_local"});
}

TEST_F(Brake, AQueueThatMovesIsNoReason) {
    EXPECT_TRUE(pass(100, 90000, 3000).empty()) << "30 s of work";
    EXPECT_TRUE(pass(100, 9999, 0).empty()) << "few messages";
    EXPECT_FALSE(brake_.is_on());
}

TEST_F(Brake, AMomentIsNoReason) {
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(pass(9, 20000, 1).empty());
        EXPECT_TRUE(pass(1, 100, 1).empty());
    }
}

TEST_F(Brake, IsReleasedBelowFourFifths) {
    pass(11, 10000, 10);
    ASSERT_TRUE(brake_.is_on());
    EXPECT_TRUE(pass(100, 8000, 10).empty()) << "the bound of the way back";
    const auto changes = pass(11, 7999, 10);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_FALSE(changes[0].behind);
    EXPECT_FALSE(brake_.is_on());
}

TEST_F(Brake, IsReleasedWhenThePaceIsBack) {
    pass(11, 20000, 10);
    ASSERT_TRUE(brake_.is_on());
    // 20,000 at 84 a second are less than 240 s, at 83 they are more.
    EXPECT_TRUE(pass(60, 20000, 83).empty());
    EXPECT_EQ(pass(60, 20000, 84).size(), 1U);
    EXPECT_FALSE(brake_.is_on());
}

TEST_F(Brake, AChannelThatIsNotHeardOfHasCaughtUp) {
    pass(11, 10000, 0);
    ASSERT_TRUE(brake_.is_on());
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(brake_.observe(settings_, {}, now_ += 1s).empty());
        EXPECT_TRUE(brake_.is_on());
    }
    EXPECT_EQ(brake_.observe(settings_, {}, now_ += 1s).size(), 1U);
    EXPECT_FALSE(brake_.is_on());
}

TEST_F(Brake, ZeroIsNever) {
    settings_.messages = 0;
    EXPECT_TRUE(pass(100, 1000000, 0).empty());
}

class Loads : public SchedulerTest {
protected:
    void add_many(const std::string& channel, const std::string& host, int count) {
        for (int i = 0; i < count; ++i) add(channel, host);
    }
    std::size_t ready(const std::string& channel) {
        for (const ChannelLoad& load : scheduler().loads(1)) {
            if (load.channel == channel) return load.ready;
        }
        return 0;
    }
};

TEST_F(Loads, AreOfChannelsThatDeliver) {
    add_many("l", {}, 20);
    EXPECT_EQ(ready("l"), 20U);
    EXPECT_TRUE(scheduler().loads(21).empty());
    scheduler().stop_channel("l");
    EXPECT_EQ(ready("l"), 0U) << "an operator stopped it";
    scheduler().start_channel("l");
    EXPECT_EQ(ready("l"), 20U);
}

TEST_F(Loads, AChannelWithoutAProgramHasNone) {
    settings.channels[0].master_command.clear();
    add_many("l", {}, 20);
    EXPECT_EQ(ready("l"), 0U);
}

TEST_F(Loads, TheBusiestHostDoesNotCountWhileOthersHaveMail) {
    add_many("tcp_local", "slow.example", 50);
    EXPECT_EQ(ready("tcp_local"), 50U) << "there is no other: a smarthost";
    add_many("tcp_local", "a.example", 3);
    add_many("tcp_local", "b.example", 4);
    EXPECT_EQ(ready("tcp_local"), 7U);
}

TEST_F(Loads, TellWhatWasDelivered) {
    add_many("l", {}, 5);
    settle();
    ask(1, "l");
    settle();
    ASSERT_FALSE(given[1].empty());
    const std::size_t count = given[1].front().items.size();
    for (const jobs::WorkItem& item : given[1].front().items) {
        jobs::DoneItem done;
        done.handle = item.handle;
        done.outcome = jobs::Outcome::ok;
        scheduler().done(1, done, now);
    }
    add_many("l", {}, 1);
    const auto loads = scheduler().loads(1);
    ASSERT_EQ(loads.size(), 1U);
    EXPECT_EQ(loads[0].delivered, count);
}

}  // namespace
}  // namespace sluice::job_controller
