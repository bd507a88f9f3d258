#include "scheduler_fixture.h"

// A host that is reached again gets its mail over hostramp seconds, not all at once.
namespace sluice::job_controller {
namespace {

using jobs::HostReport;
using jobs::Outcome;

class Ramp : public SchedulerTest {
protected:
    void SetUp() override {
        SchedulerTest::SetUp();
        settings.channels[1].host_ramp = 10s;
        settings.channels[1].thread_depth = 1000;
    }
    void fill(int count) {
        for (int i = 0; i < count; ++i) add("tcp_local", "back.example");
    }
    /// Down, and reached again by a probe that takes one message along.
    void come_back() {
        report(1, ask_and_take(1, "tcp_local").at(0), Outcome::temp, HostReport::failed);
        pass(5min);
        report(1, ask_and_take(1, "tcp_local").at(0), Outcome::ok);
    }
    std::size_t deliver() {
        ask(1, "tcp_local", 1000, 0, 1, 0);
        const auto items = take(1);
        for (const auto& item : items) report(1, item, Outcome::ok);
        return items.size();
    }
};

TEST_F(Ramp, ReleasesAnEqualShareEachSecond) {
    fill(1001);
    come_back();
    for (int second = 0; second < 10; ++second) {
        EXPECT_EQ(deliver(), 100U) << second;
        EXPECT_EQ(deliver(), 0U) << second;
        const bool ends = second == 9;
        EXPECT_EQ(scheduler().next_wakeup() == now + 1s, !ends) << second;
        pass(1s);
    }
    EXPECT_EQ(row("tcp_local").ready, 0U);
}

TEST_F(Ramp, FewMessagesGoOneASecond) {
    fill(4);
    come_back();
    EXPECT_EQ(deliver(), 1U);
    pass(1s);
    EXPECT_EQ(deliver(), 1U);
    pass(1s);
    EXPECT_EQ(deliver(), 1U);
}

TEST_F(Ramp, OneMessageDoesNotWait) {
    fill(2);
    come_back();
    EXPECT_EQ(deliver(), 1U);
}

TEST_F(Ramp, ZeroReleasesAllAtOnce) {
    settings.channels[1].host_ramp = 0s;
    fill(1001);
    come_back();
    EXPECT_EQ(deliver(), 1000U);
}

TEST_F(Ramp, HoldsForAllWorkersTogetherAndJustifiesNoMoreThreads) {
    settings.channels[1].thread_depth = 10;
    fill(101);
    come_back();
    EXPECT_EQ(ask_and_take(1, "tcp_local", 10).size(), 10U);
    ask(2, "tcp_local", 10);
    EXPECT_TRUE(take(2).empty());
    pass(1s);
    EXPECT_TRUE(take(2).empty()) << "one thread is enough for ten messages";
}

TEST_F(Ramp, NewMailIsNotHeldBack) {
    fill(101);
    come_back();
    EXPECT_EQ(deliver(), 10U);
    fill(5);
    EXPECT_EQ(deliver(), 5U);
    EXPECT_EQ(deliver(), 0U);
}

TEST_F(Ramp, NewMailDoesNotWaitForWhatIsGone) {
    fill(101);
    come_back();
    std::size_t cursor = 0;
    for (const auto& each : scheduler().message_rows("", cursor, 200, now, wall))
        EXPECT_EQ(scheduler().forget("tcp_local", each.file), 1U);
    fill(3);
    EXPECT_EQ(deliver(), 3U);
}

TEST_F(Ramp, OperatorEndsIt) {
    fill(101);
    come_back();
    EXPECT_EQ(deliver(), 10U);
    EXPECT_EQ(scheduler().run({"tcp_local", "back.example", "", false}, now), 90U);
    EXPECT_EQ(deliver(), 90U);
}

TEST_F(Ramp, NextFailureEndsIt) {
    fill(102);
    come_back();
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::temp, HostReport::failed);
    EXPECT_TRUE(host_row("tcp_local", "back.example").down);
    EXPECT_EQ(host_row("tcp_local", "back.example").delayed, 101U);
    pass(4min);
    EXPECT_EQ(deliver(), 0U);
    pass(1min);
    EXPECT_EQ(deliver(), 1U) << "the probe";
    EXPECT_EQ(deliver(), 10U) << "a tenth of what waits";
}

TEST_F(Ramp, EndsWhenTheMailIsGone) {
    fill(101);
    come_back();
    std::size_t cursor = 0;
    for (const auto& each : scheduler().message_rows("", cursor, 200, now, wall))
        EXPECT_EQ(scheduler().forget("tcp_local", each.file), 1U);
    ask(2, "tcp_local");
    scheduler().worker_left(1, now);
    EXPECT_EQ(host_row("tcp_local", "back.example").host, "");
    pass(1s);
    fill(50);
    settle();
    EXPECT_EQ(take(2).size(), 1U);
    EXPECT_EQ(ask_and_take(2, "tcp_local", 100).size(), 49U) << "it is another host's ramp";
}

TEST_F(Ramp, HostsThatAreDownComeUpWhenTheChannelNoLongerProbes) {
    fill(3);
    const auto item = ask_and_take(1, "tcp_local").at(0);
    report(1, item, Outcome::temp, HostReport::failed);
    settings.channels[1].host_probe = false;
    scheduler().reconfigure(settings);
    EXPECT_FALSE(host_row("tcp_local", "back.example").down);
    EXPECT_EQ(ask_and_take(1, "tcp_local", 10).size(), 3U);
}

TEST_F(Ramp, ProbeUnderWayWhenTheChannelNoLongerProbes) {
    fill(3);
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::temp, HostReport::failed);
    pass(5min);
    const auto probe = ask_and_take(1, "tcp_local").at(0);
    settings.channels[1].host_probe = false;
    scheduler().reconfigure(settings);
    report(1, probe, Outcome::temp, HostReport::failed);
    EXPECT_EQ(ask_and_take(1, "tcp_local", 10).size(), 2U);
}

}  // namespace
}  // namespace sluice::job_controller
