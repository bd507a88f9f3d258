#include "scheduler_fixture.h"

// Start and end of channel programs: limits, threads, pools, crashes, ages.
namespace sluice::job_controller {
namespace {

using jobs::Outcome;

class Jobs : public SchedulerTest {
protected:
    /// Starts what was decided; the process asks from worker number 100 * job on.
    void connect(const StartJob& start, unsigned thread_limit = 1, unsigned most = 1) {
        scheduler().job_started(start.job, 5000 + start.job, now);
        ask(100 * start.job, start.channel, most, start.job, thread_limit);
    }
    std::size_t starts(const std::string& channel) {
        std::size_t count = 0;
        for (const auto& start : started) count += start.channel == channel ? 1 : 0;
        return count;
    }
};

TEST_F(Jobs, FirstMessageStartsOneProcess) {
    add("l");
    add("l");
    settle();
    settle();
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(started[0].channel, "l");
    EXPECT_EQ(row("l").jobs, 1U);
}

TEST_F(Jobs, NoCommandNoProcess) {
    settings.channels[0].master_command.clear();
    add("l");
    settle();
    EXPECT_TRUE(started.empty());
}

TEST_F(Jobs, FilesPerJobDecidesTheNumber) {
    settings.channels[0].files_per_job = 10;
    for (int i = 0; i < 25; ++i) add("l");
    settle();
    EXPECT_EQ(started.size(), 3U);
}

TEST_F(Jobs, AddrsPerJobCountsRecipients) {
    settings.channels[0].addrs_per_job = 100;
    for (int i = 0; i < 3; ++i) {
        auto news = message("l", "");
        news.recipients = 99;
        scheduler().enqueue(news, now);
    }
    settle();
    EXPECT_EQ(started.size(), 3U);
}

TEST_F(Jobs, MaxJobsLimits) {
    settings.channels[0].files_per_job = 1;
    settings.channels[0].max_jobs = 2;
    for (int i = 0; i < 25; ++i) add("l");
    settle();
    EXPECT_EQ(started.size(), 2U);
}

TEST_F(Jobs, JobLimitOfThePoolLimitsAllItsChannels) {
    settings.pools = {{"ONE", 3}};
    settings.channels[0].files_per_job = 1;
    for (int i = 0; i < 25; ++i) add("l");
    settle();
    EXPECT_EQ(started.size(), 3U);
    add("tcp_local", "a.example");
    settle();
    EXPECT_EQ(starts("tcp_local"), 0U);
}

TEST_F(Jobs, FirstPoolServesChannelsWithoutPool) {
    settings.pools = {{"FIRST", 1}, {"SMTP_POOL", 5}};
    settings.channels[1].pool = "smtp_pool";
    EXPECT_EQ(row("l").pool, "FIRST");
    EXPECT_EQ(row("tcp_local").pool, "SMTP_POOL");
}

TEST_F(Jobs, UnknownPoolIsTheFirstAndSaid) {
    settings.pools = {{"FIRST", 1}};
    settings.channels[1].pool = "nosuch";
    settle();
    EXPECT_EQ(row("tcp_local").pool, "FIRST");
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes[0].find("nosuch"), std::string::npos);
}

TEST_F(Jobs, BusyChannelGivesAPlaceInThePoolToOneWithoutAny) {
    settings.pools = {{"ONE", 2}};
    settings.channels[0].files_per_job = 1;
    for (int i = 0; i < 10; ++i) add("l");
    settle();
    ASSERT_EQ(started.size(), 2U);
    const auto jobs_of_l = started;
    for (const auto& start : jobs_of_l) connect(start);
    add("tcp_local", "a.example");
    settle();
    EXPECT_EQ(starts("tcp_local"), 0U);
    ask(100 * jobs_of_l[0].job, "l", 1, jobs_of_l[0].job);
    ASSERT_EQ(exits.size(), 1U);
    scheduler().worker_left(exits[0], now);
    scheduler().job_exited(jobs_of_l[0].job, true, now);
    settle();
    EXPECT_EQ(starts("tcp_local"), 1U);
    EXPECT_EQ(row("l").jobs, 1U);
}

TEST_F(Jobs, IdleProcessMakesWayInThePool) {
    settings.pools = {{"ONE", 1}};
    add("l");
    settle();
    const auto first = started.at(0);
    connect(first);
    const WorkerId worker = 100 * first.job;
    report(worker, take(worker).at(0), Outcome::ok);
    ask(worker, "l", 1, first.job);
    EXPECT_TRUE(exits.empty());
    add("tcp_local", "a.example");
    settle();
    ASSERT_EQ(exits, std::vector<WorkerId>{worker});
    scheduler().worker_left(worker, now);
    scheduler().job_exited(first.job, true, now);
    settle();
    EXPECT_EQ(starts("tcp_local"), 1U);
}

TEST_F(Jobs, UnknownThreadLimitMeansWaitingForTheFirstProcess) {
    for (int i = 0; i < 20; ++i) add("tcp_local", "h" + std::to_string(i) + ".example");
    settle();
    EXPECT_EQ(started.size(), 1U);
}

TEST_F(Jobs, SingleThreadedProgramGetsAProcessPerHost) {
    for (int i = 0; i < 4; ++i) add("tcp_local", "h" + std::to_string(i) + ".example");
    settle();
    connect(started.at(0), 1);
    EXPECT_EQ(started.size(), 4U) << "three hosts left, one thread each";
}

TEST_F(Jobs, ThreadsComeBeforeProcesses) {
    for (int i = 0; i < 4; ++i) add("tcp_local", "h" + std::to_string(i) + ".example");
    settle();
    const auto job = started.at(0);
    connect(job, 10);
    EXPECT_EQ(started.size(), 1U);
    EXPECT_EQ(given[100 * job.job].back().more, 3U) << "the process is told to add threads";
    for (WorkerId i = 1; i < 4; ++i) {
        ask(100 * job.job + i, "tcp_local", 1, job.job, 10);
        EXPECT_EQ(take(100 * job.job + i).size(), 1U);
    }
    pass(10s);
    EXPECT_EQ(started.size(), 1U);
}

TEST_F(Jobs, PromisedThreadsThatDoNotComeAreReplacedByAProcess) {
    add("tcp_local", "stalled.example");
    settle();
    connect(started.at(0), 10);
    add("tcp_local", "other.example");
    settle();
    EXPECT_EQ(started.size(), 1U);
    pass(2s);
    EXPECT_EQ(started.size(), 2U);
    pass(2s);
    EXPECT_EQ(started.size(), 2U) << "one is starting";
}

TEST_F(Jobs, FullProcessIsJoinedByAnother) {
    for (int i = 0; i < 3; ++i) add("tcp_local", "h" + std::to_string(i) + ".example");
    settle();
    const auto job = started.at(0);
    connect(job, 2);
    ask(100 * job.job + 1, "tcp_local", 1, job.job, 2);
    EXPECT_EQ(started.size(), 2U);
}

TEST_F(Jobs, ThreadDepthJustifiesMoreProcesses) {
    for (int i = 0; i < 35; ++i) add("tcp_local", "a.example");
    settle();
    connect(started.at(0), 1, 10);
    EXPECT_EQ(started.size(), 3U) << "25 left, ten per thread, one thread there";
}

TEST_F(Jobs, WorkerOfAnotherOriginServesWithoutCounting) {
    ask(7, "l", 1, 999);
    add("l");
    settle();
    EXPECT_EQ(take(7).size(), 1U);
    EXPECT_TRUE(started.empty());
    EXPECT_EQ(row("l").jobs, 0U);
    EXPECT_EQ(row("l").threads, 1U);
}

TEST_F(Jobs, ThreeFastFailuresSuspendStartsForAMinute) {
    add("l");
    settle();
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(started.size(), static_cast<std::size_t>(i + 1));
        scheduler().job_exited(started.back().job, false, now);
        pass(1s);
    }
    EXPECT_EQ(started.size(), 3U);
    EXPECT_TRUE(row("l").suspended);
    pass(58s);
    EXPECT_EQ(started.size(), 3U);
    pass(1s);
    EXPECT_EQ(started.size(), 4U);
}

TEST_F(Jobs, ProgramThatEndsWithoutAskingCountsAsFailed) {
    add("l");
    settle();
    for (int i = 0; i < 3; ++i) {
        scheduler().job_exited(started.back().job, true, now);
        settle();
    }
    EXPECT_TRUE(row("l").suspended);
    EXPECT_EQ(status("jobs_failed"), 0U);
}

TEST_F(Jobs, FailuresMustComeInARow) {
    add("l");
    settle();
    for (int i = 0; i < 5; ++i) {
        const auto job = started.back();
        if (i % 2 == 1) {
            ask(100 * job.job, "l", 1, job.job);
            scheduler().worker_left(100 * job.job, now);
        }
        scheduler().job_exited(job.job, i % 2 == 1, now);
        settle();
    }
    EXPECT_FALSE(row("l").suspended);
}

TEST_F(Jobs, SlowFailureIsNotFast) {
    add("l");
    settle();
    for (int i = 0; i < 4; ++i) {
        pass(5s);
        scheduler().job_exited(started.back().job, false, now);
        settle();
    }
    EXPECT_FALSE(row("l").suspended);
}

TEST_F(Jobs, StartThatFailsCountsLikeAFastFailure) {
    add("l");
    settle();
    for (int i = 0; i < 3; ++i) {
        scheduler().job_failed(started.back().job, now);
        settle();
    }
    EXPECT_TRUE(row("l").suspended);
}

TEST_F(Jobs, CrashReturnsMessagesAndStartsAgain) {
    add("l");
    settle();
    connect(started.at(0));
    scheduler().worker_left(100 * started[0].job, now);
    scheduler().job_exited(started[0].job, false, now);
    settle();
    ASSERT_EQ(started.size(), 2U);
    EXPECT_EQ(row("l").ready, 1U);
}

TEST_F(Jobs, MaxLifeAgeEndsAJobAtItsNextQuestion) {
    settings.channels[0].max_life_age = 3600s;
    add("l");
    settle();
    connect(started.at(0));
    const WorkerId worker = 100 * started[0].job;
    report(worker, take(worker).at(0), Outcome::ok);
    now += 3600s;
    add("l");
    ask(worker, "l", 1, started[0].job);
    EXPECT_EQ(exits, std::vector<WorkerId>{worker});
    EXPECT_TRUE(take(worker).empty());
}

TEST_F(Jobs, MaxLifeConnsEndsAJobAfterSoManyAnswers) {
    settings.channels[0].max_life_conns = 3;
    settings.channels[0].max_jobs = 1;
    for (int i = 0; i < 10; ++i) add("l");
    settle();
    const auto job = started.at(0);
    connect(job);
    const WorkerId worker = 100 * job.job;
    for (int i = 0; i < 3; ++i) {
        report(worker, take(worker).at(0), Outcome::ok);
        ask(worker, "l", 1, job.job);
    }
    EXPECT_EQ(exits, std::vector<WorkerId>{worker});
    EXPECT_EQ(started.size(), 1U) << "one process allowed: the next starts when this one has gone";
    scheduler().worker_left(worker, now);
    scheduler().job_exited(job.job, true, now);
    settle();
    EXPECT_EQ(started.size(), 2U);
}

TEST_F(Jobs, IdleProcessEnds) {
    add("l");
    settle();
    const auto job = started.at(0);
    connect(job);
    const WorkerId worker = 100 * job.job;
    report(worker, take(worker).at(0), Outcome::ok);
    ask(worker, "l", 1, job.job);
    pass(59s);
    EXPECT_TRUE(exits.empty());
    pass(1s);
    EXPECT_EQ(exits, std::vector<WorkerId>{worker});
}

TEST_F(Jobs, SpareThreadOfABusyProcessStays) {
    add("tcp_local", "slow.example");
    settle();
    const auto job = started.at(0);
    connect(job, 5);
    const WorkerId spare = 100 * job.job + 1;
    ask(spare, "tcp_local", 1, job.job, 5, 65000);
    pass(200s);
    EXPECT_TRUE(exits.empty());
    add("tcp_local", "other.example");
    settle();
    EXPECT_EQ(take(spare).size(), 1U);
}

TEST_F(Jobs, PollStartsAProgramWithoutMail) {
    settle();
    EXPECT_EQ(scheduler().run({"l", "", "", true}, now), 0U);
    settle();
    ASSERT_EQ(started.size(), 1U);
    for (int i = 0; i < 3; ++i) {
        scheduler().job_exited(started.back().job, true, now);
        scheduler().run({"l", "", "", true}, now);
        settle();
    }
    EXPECT_FALSE(row("l").suspended);
}

TEST_F(Jobs, ShutDownSendsEverybodyHome) {
    add("l");
    settle();
    connect(started.at(0));
    ask(7, "tcp_local");
    scheduler().shut_down();
    settle();
    EXPECT_EQ(exits, std::vector<WorkerId>{7});
    const WorkerId worker = 100 * started[0].job;
    report(worker, take(worker).at(0), Outcome::ok);
    add("l");
    ask(worker, "l", 1, started[0].job);
    EXPECT_EQ(exits.back(), worker);
    scheduler().job_exited(started[0].job, true, now);
    settle();
    EXPECT_EQ(started.size(), 1U);
    EXPECT_EQ(scheduler().running_jobs(), 0U);
}

TEST_F(Jobs, ListingShowsProcessesAndTheirWork) {
    add("l");
    settle();
    connect(started.at(0));
    pass(30s);
    const auto rows = scheduler().job_rows("l", now);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].pid, 5000 + started[0].job);
    EXPECT_EQ(rows[0].in_progress, 1U);
    EXPECT_EQ(rows[0].age, 30U);
    EXPECT_EQ(rows[0].threads, 1U);
}

}  // namespace
}  // namespace sluice::job_controller
