#include <set>

#include "scheduler_fixture.h"

// Destination hosts: queues of their own, the state machine of a host that cannot be reached.
namespace sluice::job_controller {
namespace {

using jobs::HostReport;
using jobs::Outcome;
using jobs::Priority;

class Hosts : public SchedulerTest {
protected:
    void fill(const std::string& host, int count) {
        for (int i = 0; i < count; ++i) add("tcp_local", host);
    }
    /// Asks until one message comes, reports the host as failed.
    void fail_once(WorkerId worker) {
        const auto items = ask_and_take(worker, "tcp_local");
        ASSERT_EQ(items.size(), 1U);
        report(worker, items[0], Outcome::temp, HostReport::failed);
    }
};

TEST_F(Hosts, OneAnswerNamesOneHost) {
    add("tcp_local", "a.example");
    add("tcp_local", "b.example");
    add("tcp_local", "a.example");
    const auto items = ask_and_take(1, "tcp_local", 10);
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].host, "a.example");
    EXPECT_EQ(items[1].host, "a.example");
}

TEST_F(Hosts, NamesDoNotDependOnCase) {
    add("tcp_local", "A.example");
    add("tcp_local", "a.EXAMPLE");
    EXPECT_EQ(ask_and_take(1, "tcp_local", 10).size(), 2U);
}

TEST_F(Hosts, StalledHostDoesNotStopAnother) {
    fill("slow.example", 5);
    const auto stalled = ask_and_take(1, "tcp_local", 5);
    EXPECT_EQ(stalled.at(0).host, "slow.example");
    fill("quick.example", 3);
    EXPECT_EQ(ask_and_take(2, "tcp_local", 5).at(0).host, "quick.example");
}

TEST_F(Hosts, SecondThreadOnlyAboveThreadDepth) {
    fill("a.example", 20);
    EXPECT_EQ(ask_and_take(1, "tcp_local", 1).size(), 1U);  // 19 left, more than one thread's ten
    EXPECT_EQ(ask_and_take(2, "tcp_local", 10).size(), 10U);
    ask(3, "tcp_local", 10);
    EXPECT_TRUE(take(3).empty()) << "9 left for two threads";
    EXPECT_EQ(host_row("tcp_local", "a.example").threads, 2U);
}

TEST_F(Hosts, BatchIsAtMostThreadDepth) {
    fill("a.example", 50);
    EXPECT_EQ(ask_and_take(1, "tcp_local", 100).size(), 10U);
}

TEST_F(Hosts, WorkerKeepsItsHost) {
    add("tcp_local", "a.example");
    add("tcp_local", "b.example");
    add("tcp_local", "a.example");
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::ok);
    EXPECT_EQ(ask_and_take(1, "tcp_local").at(0).host, "a.example");
}

TEST_F(Hosts, WorkerGoesOverAfterAFairTurn) {
    fill("busy.example", 500);
    fill("small.example", 1);
    for (int round = 0; round < 10; ++round) {
        for (const auto& item : ask_and_take(1, "tcp_local", 10)) {
            EXPECT_EQ(item.host, "busy.example");
            report(1, item, Outcome::ok);
        }
    }
    EXPECT_EQ(ask_and_take(1, "tcp_local", 10).at(0).host, "small.example");
}

TEST_F(Hosts, SlowHostGivesWayAfterItsTime) {
    fill("slow.example", 500);
    fill("small.example", 1);
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::ok);
    pass(29s);
    const auto second = ask_and_take(1, "tcp_local").at(0);
    EXPECT_EQ(second.host, "slow.example");
    pass(1s);
    report(1, second, Outcome::ok);
    EXPECT_EQ(ask_and_take(1, "tcp_local").at(0).host, "small.example");
}

TEST_F(Hosts, HostWithSeveralWorkersGivesOneAwayAtOnce) {
    fill("busy.example", 500);
    const auto first = ask_and_take(1, "tcp_local").at(0);
    const auto second = ask_and_take(2, "tcp_local").at(0);
    fill("small.example", 1);
    report(2, second, Outcome::ok);
    EXPECT_EQ(ask_and_take(2, "tcp_local").at(0).host, "small.example");
    report(1, first, Outcome::ok);
    EXPECT_EQ(ask_and_take(1, "tcp_local").at(0).host, "busy.example") << "its only one";
}

TEST_F(Hosts, AgeOfTheMailDoesNotPassTheLine) {
    fill("old1.example", 500);
    fill("old2.example", 500);
    fill("young.example", 1);
    // One worker for all; each takes its turn, though the old ones have the older mail all the
    // time.
    std::vector<std::string> turns;
    for (int round = 0; round < 40; ++round) {
        const auto items = ask_and_take(1, "tcp_local", 10);
        ASSERT_FALSE(items.empty());
        if (turns.empty() || turns.back() != items[0].host) turns.push_back(items[0].host);
        for (const auto& item : items) report(1, item, Outcome::ok);
    }
    const std::vector<std::string> expected{
        "old1.example", "old2.example", "young.example", "old1.example", "old2.example"};
    EXPECT_EQ(turns, expected);
}

TEST_F(Hosts, WorkerGoesOverForBetterMail) {
    fill("busy.example", 500);
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::ok);
    add("tcp_local", "other.example", Priority::urgent);
    EXPECT_EQ(ask_and_take(1, "tcp_local").at(0).host, "other.example");
}

TEST_F(Hosts, WaitingWorkerThatServedTheHostIsPreferred) {
    add("tcp_local", "a.example");
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::ok);
    ask(1, "tcp_local");
    ask(2, "tcp_local");
    add("tcp_local", "a.example");
    settle();
    EXPECT_EQ(take(1).size(), 1U);
}

TEST_F(Hosts, FailureHoldsBackTheWholeHostWithoutCountingAttempts) {
    fill("dead.example", 1000);
    fail_once(1);
    ask(1, "tcp_local", 10);
    EXPECT_TRUE(take(1).empty());
    const auto dead = host_row("tcp_local", "dead.example");
    EXPECT_TRUE(dead.down);
    EXPECT_EQ(dead.delayed, 1000U);
    EXPECT_EQ(dead.active, 0U);
    EXPECT_EQ(dead.reason, "connection refused");
    EXPECT_EQ(dead.next_try, wall + 5min);
    std::size_t cursor = 0;
    int tried = 0;
    for (const auto& each : scheduler().message_rows("", cursor, 2000, now, wall)) {
        if (each.attempts > 0) ++tried;
        EXPECT_EQ(each.state, jobs::MessageState::delayed);
    }
    EXPECT_EQ(tried, 1);
}

TEST_F(Hosts, OneProbePerStepUntilSuccessReleasesTheRest) {
    settings.job_idle = 24h;
    fill("dead.example", 100);
    fail_once(1);
    ask(1, "tcp_local", 10, 0, 1, 65000);
    for (const auto pause : {5min, 15min, 30min, 60min, 60min}) {
        pass(pause - 1s);
        EXPECT_TRUE(take(1).empty());
        pass(1s);
        const auto probe = take(1);
        ASSERT_EQ(probe.size(), 1U);
        ask(2, "tcp_local", 10, 0, 1, 0);
        EXPECT_TRUE(take(2).empty()) << "one probe at a time";
        report(1, probe[0], Outcome::temp, HostReport::failed);
        ask(1, "tcp_local", 10, 0, 1, 65000);
    }
    pass(60min);
    report(1, take(1).at(0), Outcome::ok);
    EXPECT_FALSE(host_row("tcp_local", "dead.example").down);
    EXPECT_EQ(ask_and_take(1, "tcp_local", 10).size(), 10U);
    EXPECT_EQ(row("tcp_local").delayed, 0U);
}

TEST_F(Hosts, RefusedProbeStillProvesTheHost) {
    fill("dead.example", 3);
    fail_once(1);
    pass(5min);
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::temp, HostReport::reached);
    EXPECT_EQ(row("tcp_local").ready, 2U);
    EXPECT_EQ(row("tcp_local").delayed, 1U) << "the message itself goes by its backoff";
}

TEST_F(Hosts, ProbeGivenBackIsRepeatedAfterAMinute) {
    fill("dead.example", 2);
    fail_once(1);
    pass(5min);
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::untried);
    ask(1, "tcp_local");
    EXPECT_TRUE(take(1).empty());
    pass(60s);
    EXPECT_EQ(take(1).size(), 1U);
}

TEST_F(Hosts, ProbeThatIsGoneIsReplacedAtOnce) {
    fill("dead.example", 2);
    fail_once(1);
    pass(5min);
    report(1, ask_and_take(1, "tcp_local").at(0), Outcome::gone);
    EXPECT_EQ(ask_and_take(1, "tcp_local").size(), 1U);
}

TEST_F(Hosts, WorkerLostWhileProbingLeavesTheHostDown) {
    fill("dead.example", 2);
    fail_once(1);
    pass(5min);
    EXPECT_EQ(ask_and_take(1, "tcp_local").size(), 1U);
    scheduler().worker_left(1, now);
    ask(2, "tcp_local");
    EXPECT_TRUE(take(2).empty());
    pass(60s);
    EXPECT_EQ(take(2).size(), 1U);
}

TEST_F(Hosts, SeveralFailuresTogetherAreOneStep) {
    fill("dead.example", 30);
    std::map<WorkerId, std::vector<jobs::WorkItem>> work;
    for (WorkerId worker = 1; worker <= 3; ++worker) {
        work[worker] = ask_and_take(worker, "tcp_local");
    }
    for (const auto& [worker, items] : work) {
        for (const auto& item : items) report(worker, item, Outcome::temp, HostReport::failed);
    }
    EXPECT_EQ(host_row("tcp_local", "dead.example").next_try, wall + 5min);
}

TEST_F(Hosts, NewMailForADownHostWaits) {
    fill("dead.example", 1);
    fail_once(1);
    add("tcp_local", "dead.example");
    add("tcp_local", "alive.example");
    EXPECT_EQ(ask_and_take(1, "tcp_local", 10).at(0).host, "alive.example");
    ask(2, "tcp_local");
    EXPECT_TRUE(take(2).empty());
}

TEST_F(Hosts, RunProbesADownHostNow) {
    fill("dead.example", 10);
    fail_once(1);
    EXPECT_EQ(scheduler().run({"tcp_local", "dead.example", "", false}, now), 10U);
    EXPECT_EQ(ask_and_take(1, "tcp_local", 10).size(), 1U);
}

TEST_F(Hosts, WithoutHostScheduleTheMessagesBackoffCounts) {
    settings.channels[1].host_backoff = {};
    fill("dead.example", 2);
    fail_once(1);
    EXPECT_EQ(host_row("tcp_local", "dead.example").next_try, wall + 60min);
    pass(60min);
    fail_once(1);
    EXPECT_EQ(host_row("tcp_local", "dead.example").next_try, wall + 120min);
}

TEST_F(Hosts, FailuresOfTheHostCountWhoeverProbes) {
    settings.channels[1].host_backoff = {};
    fill("dead.example", 2);
    const auto items = ask_and_take(1, "tcp_local");
    report(1, items.at(0), Outcome::temp, HostReport::failed);
    pass(60min);
    const auto probe = ask_and_take(1, "tcp_local");
    ASSERT_EQ(probe.at(0).file, items[0].file);
    // It is given up, and the other one, which was never tried, probes next.
    report(1, probe[0], Outcome::ok, HostReport::failed);
    pass(119min);
    EXPECT_TRUE(ask_and_take(2, "tcp_local").empty()) << "the second pause is two hours";
    pass(1min);
    EXPECT_EQ(take(2).size(), 1U);
}

TEST_F(Hosts, WithoutHostProbeOnlyTheMessageWaits) {
    settings.channels[1].host_probe = false;
    fill("dead.example", 2);
    fail_once(1);
    EXPECT_EQ(row("tcp_local").delayed, 1U);
    EXPECT_EQ(ask_and_take(1, "tcp_local").size(), 1U);
}

TEST_F(Hosts, ChannelWithAnonymousHostsHasNoDownHosts) {
    add("l", "a.example");
    add("l", "b.example");
    report(1, ask_and_take(1, "l").at(0), Outcome::temp, HostReport::failed);
    EXPECT_EQ(ask_and_take(1, "l").size(), 1U);
}

TEST_F(Hosts, RecordsOfUnusedHostsGo) {
    for (int i = 0; i < 100; ++i) add("tcp_local", "h" + std::to_string(i) + ".example");
    for (int i = 0; i < 100; ++i) {
        report(1, ask_and_take(1, "tcp_local").at(0), Outcome::ok);
    }
    ask(1, "tcp_local");
    Scheduler::HostCursor cursor;
    EXPECT_TRUE(scheduler().host_rows("tcp_local", cursor, 1000, now, wall).empty());
}

TEST_F(Hosts, DownHostWithoutMailIsForgottenWhenItsTimeComes) {
    fill("dead.example", 1);
    const auto item = ask_and_take(1, "tcp_local").at(0);
    fill("dead.example", 0);
    report(1, item, Outcome::temp, HostReport::failed);
    std::size_t cursor = 0;
    const auto file = scheduler().message_rows("", cursor, 1, now, wall).at(0).file;
    EXPECT_EQ(scheduler().forget("tcp_local", file), 1U);
    scheduler().worker_left(1, now);
    EXPECT_TRUE(host_row("tcp_local", "dead.example").down);
    pass(5min);
    EXPECT_EQ(host_row("tcp_local", "dead.example").host, "");
}

TEST_F(Hosts, WorkerTellsTheHostOfAnUnknownMessage) {
    add("tcp_local", "");
    jobs::DoneItem item;
    item.handle = ask_and_take(1, "tcp_local").at(0).handle;
    item.outcome = Outcome::temp;
    item.host_report = HostReport::failed;
    item.host = "Dead.Example";
    scheduler().done(1, item, now);
    EXPECT_TRUE(host_row("tcp_local", "dead.example").down);
}

TEST_F(Hosts, ListingGoesOnWhereItStopped) {
    settings.channels.push_back(channel("tcp_other", false));
    for (int i = 0; i < 25; ++i) add("tcp_local", "h" + std::to_string(i) + ".example");
    add("tcp_other", "x.example");
    Scheduler::HostCursor cursor;
    std::set<std::string> seen;
    while (true) {
        const auto rows = scheduler().host_rows("", cursor, 10, now, wall);
        if (rows.empty()) break;
        for (const auto& each : rows) EXPECT_TRUE(seen.insert(each.host).second);
    }
    EXPECT_EQ(seen.size(), 26U);
}

}  // namespace
}  // namespace sluice::job_controller
