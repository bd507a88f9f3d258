#include "dispatcher/worker_pool.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

using std::chrono::seconds;

class WorkerPoolTest : public testing::Test {
protected:
    static WorkerLimits limits() {
        WorkerLimits limits;
        limits.min_procs = 1;
        limits.max_procs = 3;
        limits.min_conns = 2;
        limits.max_conns = 4;
        limits.max_life_conns = 100;
        limits.max_shutdown = 1;
        return limits;
    }
    WorkerId ready_worker() {
        const WorkerId id = pool_.add(now_);
        pool_.on_ready(id);
        return id;
    }
    WorkerPool pool_{limits()};
    MonoTime now_{std::chrono::hours(1)};
};

TEST_F(WorkerPoolTest, StartsTheLeastNumberAtOnce) {
    EXPECT_EQ(pool_.starts_wanted(now_), 1U);
    pool_.add(now_);
    EXPECT_EQ(pool_.starts_wanted(now_), 0U);
}

TEST_F(WorkerPoolTest, StartsOneMoreWhenAllAreBusyEnough) {
    ready_worker();
    pool_.take_for_connection();
    EXPECT_EQ(pool_.starts_wanted(now_), 0U);
    pool_.take_for_connection();
    EXPECT_EQ(pool_.starts_wanted(now_), 1U);
    pool_.add(now_);
    EXPECT_EQ(pool_.starts_wanted(now_), 0U) << "one is on its way";
}

TEST_F(WorkerPoolTest, NeverMoreThanTheMost) {
    for (int i = 0; i < 3; ++i) ready_worker();
    for (int i = 0; i < 12; ++i) EXPECT_TRUE(pool_.take_for_connection());
    EXPECT_EQ(pool_.starts_wanted(now_), 0U);
    EXPECT_FALSE(pool_.has_room());
    EXPECT_FALSE(pool_.take_for_connection());
    EXPECT_EQ(pool_.connections(), 12U);
}

TEST_F(WorkerPoolTest, LeastLoadedWorkerGetsTheConnection) {
    const WorkerId first = ready_worker();
    EXPECT_EQ(pool_.take_for_connection(), first);
    const WorkerId second = ready_worker();
    EXPECT_EQ(pool_.take_for_connection(), second);
    pool_.on_connection_done(first, now_);
    EXPECT_EQ(pool_.take_for_connection(), first);
}

TEST_F(WorkerPoolTest, WorkerThatDoesNotAcknowledgeGetsNoMoreThanMaxHandoffs) {
    WorkerLimits limits = WorkerPoolTest::limits();
    limits.max_handoffs = 2;
    limits.min_conns = 4;
    pool_.set_limits(limits);
    const WorkerId first = ready_worker();
    EXPECT_EQ(pool_.take_for_connection(), first);
    EXPECT_EQ(pool_.starts_wanted(now_), 0U);
    EXPECT_EQ(pool_.take_for_connection(), first);
    EXPECT_FALSE(pool_.has_room());
    EXPECT_FALSE(pool_.take_for_connection());
    EXPECT_EQ(pool_.starts_wanted(now_), 1U) << "somebody else may be quicker";
    pool_.on_hand_off_done(first);
    EXPECT_TRUE(pool_.has_room());
    EXPECT_EQ(pool_.take_for_connection(), first);
    const WorkerId second = ready_worker();
    EXPECT_EQ(pool_.take_for_connection(), second);
    EXPECT_EQ(pool_.connections(), 4U);
}

TEST_F(WorkerPoolTest, StartingWorkerGetsNoConnection) {
    pool_.add(now_);
    EXPECT_FALSE(pool_.has_room());
}

TEST_F(WorkerPoolTest, RetiresByAgeAndByCountWithinTheShutdownLimit) {
    const WorkerId first = ready_worker();
    const WorkerId second = ready_worker();
    now_ += seconds(86400);
    EXPECT_EQ(pool_.retire_expired(now_), std::vector<WorkerId>{first});
    EXPECT_TRUE(pool_.retire_expired(now_).empty()) << "only one may shut down at a time";
    pool_.on_exit(first, now_);
    EXPECT_EQ(pool_.retire_expired(now_), std::vector<WorkerId>{second});
}

TEST_F(WorkerPoolTest, RetiresAnIdleSpareButNotTheLast) {
    ready_worker();
    now_ += seconds(600);
    EXPECT_TRUE(pool_.retire_expired(now_).empty());
    ready_worker();
    now_ += seconds(600);
    EXPECT_EQ(pool_.retire_expired(now_).size(), 1U);
}

TEST_F(WorkerPoolTest, FiveEarlyDeathsSuspendStartsForAMinute) {
    for (int i = 0; i < 5; ++i) {
        const WorkerId id = pool_.add(now_);
        EXPECT_EQ(pool_.on_exit(id, now_ + seconds(1)), i == 4);
    }
    EXPECT_EQ(pool_.starts_wanted(now_ + seconds(60)), 0U);
    EXPECT_EQ(pool_.starts_wanted(now_ + seconds(61)), 1U);
}

TEST_F(WorkerPoolTest, DeathOfARetiringWorkerIsNoCrash) {
    for (int i = 0; i < 6; ++i) {
        const WorkerId id = ready_worker();
        pool_.retire_all();
        EXPECT_FALSE(pool_.on_exit(id, now_));
    }
    EXPECT_EQ(pool_.starts_wanted(now_), 1U);
}

}  // namespace
}  // namespace sluice::dispatcher
