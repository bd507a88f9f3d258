#include "scheduler_fixture.h"

// Another configuration while messages wait and jobs run.
namespace sluice::job_controller {
namespace {

using jobs::Outcome;

class Reload : public SchedulerTest {
protected:
    std::vector<std::string> reload() { return scheduler().reconfigure(settings); }
    /// A process that works at one message of the channel.
    jobs::WorkItem start_work(const std::string& channel) {
        add(channel, "mx.example.net");
        settle();
        scheduler().job_started(started.back().job, 5000, now);
        ask(1, channel, 1, started.back().job);
        const auto items = take(1);
        EXPECT_EQ(items.size(), 1U);
        return items.at(0);
    }
};

TEST_F(Reload, ForgetsNoMessage) {
    const jobs::WorkItem item = start_work("tcp_local");
    for (int i = 0; i < 20; ++i) add("tcp_local", "other.example.net");
    const std::size_t before = scheduler().tracked();
    EXPECT_TRUE(reload().empty());
    settle();
    EXPECT_EQ(scheduler().tracked(), before);
    report(1, item, Outcome::ok);
    EXPECT_EQ(scheduler().tracked(), before - 1);
}

TEST_F(Reload, LetsRunningProgramsEndAndStartsNewOnes) {
    const jobs::WorkItem item = start_work("l");
    reload();
    settle();
    EXPECT_TRUE(exits.empty()) << "it has a message in hand";
    report(1, item, Outcome::ok);
    ask(1, "l", 1, started.back().job);
    EXPECT_EQ(exits, std::vector<WorkerId>{1});
    scheduler().worker_left(1, now);
    scheduler().job_exited(started.back().job, true, now);
    add("l");
    settle();
    EXPECT_EQ(started.size(), 2U);
}

TEST_F(Reload, SendsIdleProgramsAway) {
    const jobs::WorkItem item = start_work("l");
    report(1, item, Outcome::ok);
    ask(1, "l", 1, started.back().job);
    EXPECT_TRUE(exits.empty());
    reload();
    settle();
    EXPECT_EQ(exits, std::vector<WorkerId>{1});
}

TEST_F(Reload, TakesNewLimits) {
    settings.pools = {{"DEFAULT", 10}};
    settings.channels[0].max_jobs = 1;
    settings.channels[0].files_per_job = 1;
    for (int i = 0; i < 5; ++i) add("l");
    settle();
    EXPECT_EQ(started.size(), 1U);
    settings.channels[0].max_jobs = 4;
    reload();
    settle();
    EXPECT_EQ(started.size(), 4U);
}

TEST_F(Reload, MovesAChannelWithItsJobsToAnotherPool) {
    settings.pools = {{"DEFAULT", 10}, {"SMALL", 1}};
    start_work("l");
    settings.channels[0].pool = "SMALL";
    settings.channels[0].files_per_job = 1;
    reload();
    for (int i = 0; i < 5; ++i) add("l");
    settle();
    EXPECT_EQ(started.size(), 1U) << "the pool has one place, and it is taken";
    scheduler().worker_left(1, now);
    scheduler().job_exited(started.back().job, true, now);
    settle();
    EXPECT_EQ(started.size(), 2U);
    EXPECT_EQ(row("l").pool, "SMALL");
}

TEST_F(Reload, TakesNewChannelsAndLooksForTheirFiles) {
    scheduler();
    settings.channels.push_back(channel("tcp_new", false));
    reload();
    settle();
    ASSERT_EQ(scans.size(), 1U);
    EXPECT_EQ(scans[0].channel, "tcp_new");
    add("tcp_new", "mx.example.net");
    settle();
    EXPECT_EQ(started.back().channel, "tcp_new");
}

TEST_F(Reload, KeepsTheMessagesOfAChannelThatIsGoneAndHandsThemOutAgainWhenItIsBack) {
    const jobs::WorkItem item = start_work("tcp_local");
    add("tcp_local", "mx.example.net");
    const auto all = settings.channels;
    settings.channels.pop_back();
    const auto remarks = reload();
    ASSERT_EQ(remarks.size(), 1U);
    EXPECT_NE(remarks[0].find("tcp_local is gone; its 2 messages stay"), std::string::npos);
    EXPECT_EQ(
        scheduler().enqueue(message("tcp_local", "mx.example.net"), now), EnqueueResult::refused
    );
    EXPECT_FALSE(scheduler().start_channel("tcp_local"));
    report(1, item, Outcome::temp);
    const std::size_t before = started.size();
    scheduler().worker_left(1, now);
    scheduler().job_exited(started.back().job, true, now);
    pass(48h);
    EXPECT_EQ(started.size(), before);
    EXPECT_EQ(scheduler().tracked(), 2U);

    settings.channels = all;
    EXPECT_TRUE(reload().empty());
    settle();
    EXPECT_EQ(started.size(), before + 1);
}

TEST_F(Reload, SaysWhatMustWaitForARestart) {
    scheduler();
    settings.channels[1].anon_host = true;
    const auto remarks = reload();
    ASSERT_EQ(remarks.size(), 1U);
    EXPECT_NE(remarks[0].find("ANON_HOST"), std::string::npos);
}

TEST_F(Reload, StoppedChannelsStayStopped) {
    scheduler().stop_channel("l");
    reload();
    add("l");
    settle();
    EXPECT_TRUE(started.empty());
}

}  // namespace
}  // namespace sluice::job_controller
