#include "job_controller/stress.h"

#include <gtest/gtest.h>

#include "scheduler_fixture.h"

// The far end is overloaded: fewer deliveries side by side, until it has recovered.
namespace sluice::job_controller {
namespace {

const MonoTime begin{std::chrono::hours(1000)};
constexpr Stress::Limits normal{10, 6};

TEST(StressLimits, ReportsLowerThemStepByStep) {
    Stress stress;
    const StressSettings settings;
    EXPECT_FALSE(stress.is_on());
    EXPECT_TRUE(stress.report(settings, normal, begin));
    EXPECT_EQ(stress.limits(normal).thread_depth, 50U);
    EXPECT_EQ(stress.limits(normal).jobs, 4U);
    EXPECT_FALSE(stress.report(settings, normal, begin + 59s)) << "within the blackout";
    EXPECT_TRUE(stress.report(settings, normal, begin + 60s));
    EXPECT_EQ(stress.limits(normal).thread_depth, 250U);
    EXPECT_EQ(stress.limits(normal).jobs, 2U);
    EXPECT_TRUE(stress.report(settings, normal, begin + 120s));
    EXPECT_EQ(stress.limits(normal).jobs, 1U) << "never none";
}

TEST(StressLimits, TheyComeBackWithoutReports) {
    Stress stress;
    const StressSettings settings;
    stress.report(settings, normal, begin);
    stress.report(settings, normal, begin + 60s);
    EXPECT_EQ(stress.next_time(), begin + 180s);
    EXPECT_FALSE(stress.relax(settings, normal, begin + 179s));
    EXPECT_TRUE(stress.relax(settings, normal, begin + 180s));
    EXPECT_EQ(stress.limits(normal).thread_depth, 50U);
    EXPECT_EQ(stress.limits(normal).jobs, 4U);
    EXPECT_TRUE(stress.is_on());
    EXPECT_TRUE(stress.relax(settings, normal, begin + 300s));
    EXPECT_FALSE(stress.is_on());
    EXPECT_EQ(stress.next_time(), std::nullopt);
}

TEST(StressLimits, ThreadDepthHasAnEnd) {
    Stress stress;
    StressSettings settings;
    settings.factor = 1000;
    settings.blackout = 0s;
    for (int i = 0; i < 10; ++i) stress.report(settings, normal, begin);
    EXPECT_EQ(stress.limits(normal).thread_depth, 1'000'000U);
}

class Overload : public SchedulerTest {
protected:
    static constexpr WorkerId first = 1;
};

TEST_F(Overload, FewerProcessesServeTheChannel) {
    settings.channels[0].files_per_job = 1;
    settings.channels[0].max_jobs = 4;
    for (int i = 0; i < 12; ++i) add("l");
    settle();
    ASSERT_EQ(started.size(), 4U);
    for (const StartJob& job : started) {
        scheduler().job_started(job.job, job.job, now);
        ask(job.job, "l", 1, job.job);
    }
    EXPECT_TRUE(scheduler().stress("L", now));
    EXPECT_FALSE(scheduler().stress("nosuch", now));
    settle();
    EXPECT_EQ(notes.back(), "channel l is under stress: threaddepth 50, processes at most 2");
    for (const StartJob& job : started) {
        for (const auto& item : take(job.job)) report(job.job, item, jobs::Outcome::ok);
        ask(job.job, "l", 1, job.job);
    }
    EXPECT_EQ(exits.size(), 2U) << "two have to go";
    for (const WorkerId worker : exits) {
        scheduler().worker_left(worker, now);
        scheduler().job_exited(static_cast<JobId>(worker), true, now);
    }
    started.clear();
    settle();
    EXPECT_TRUE(started.empty()) << "and none comes instead";
    pass(120s);
    EXPECT_EQ(notes.back(), "channel l has recovered: threaddepth 10, processes at most 4");
    EXPECT_EQ(started.size(), 2U);
    EXPECT_EQ(status("stresses"), 1U);
}

TEST_F(Overload, LastsThroughAReloadThatLeavesTheLimits) {
    settings.channels[0].files_per_job = 1;
    settings.channels[0].max_jobs = 4;
    for (int i = 0; i < 12; ++i) add("l");
    settle();
    scheduler().stress("l", now);
    // All that run go, others come.
    const auto started_after_reload = [&] {
        const auto before = std::exchange(started, {});
        for (const StartJob& job : before) {
            scheduler().job_started(job.job, job.job, now);
            ask(job.job, "l", 1, job.job);
        }
        scheduler().reconfigure(settings);
        for (const StartJob& job : before) {
            scheduler().worker_left(job.job, now);
            scheduler().job_exited(job.job, true, now);
        }
        settle();
        return started.size();
    };
    EXPECT_EQ(started_after_reload(), 2U);
    settings.channels[0].max_jobs = 3;
    EXPECT_EQ(started_after_reload(), 3U) << "who sets limits means them";
    EXPECT_EQ(notes.back(), "channel l has recovered: threaddepth 10, processes at most 3");
}

TEST_F(Overload, FewerThreadsServeAHost) {
    settings.channels[1].thread_depth = 2;
    settings.job_idle = 1h;
    for (int i = 0; i < 12; ++i) add("tcp_local", "store.example");
    for (WorkerId worker = 1; worker <= 4; ++worker) ask(worker, "tcp_local");
    EXPECT_EQ(host_row("tcp_local", "store.example").threads, 4U);
    scheduler().stress("tcp_local", now);
    for (WorkerId worker = 1; worker <= 4; ++worker) {
        for (const auto& item : take(worker))
            report(worker, item, jobs::Outcome::temp, jobs::HostReport::reached);
        ask(worker, "tcp_local");
    }
    EXPECT_EQ(host_row("tcp_local", "store.example").threads, 1U);
    pass(120s);
    EXPECT_EQ(host_row("tcp_local", "store.example").threads, 3U) << "as its mail is worth";
}

}  // namespace
}  // namespace sluice::job_controller
