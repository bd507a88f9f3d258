#include "lookup/answer_pool.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <thread>

namespace sluice::lookup {
namespace {

TEST(AnswerPool, FinishesInTheLoopOfItsOwner) {
    AnswerPool pool(2);
    std::atomic<int> worked{0};
    int done = 0;
    const auto owner = std::this_thread::get_id();
    for (int i = 0; i < 5; ++i) {
        pool.run(
            [&] {
                EXPECT_NE(std::this_thread::get_id(), owner);
                ++worked;
            },
            [&] {
                EXPECT_EQ(std::this_thread::get_id(), owner);
                ++done;
            }
        );
    }
    while (done < 5) {
        pollfd readable{pool.descriptor(), POLLIN, 0};
        ASSERT_EQ(::poll(&readable, 1, 10000), 1);
        pool.run_finished();
    }
    EXPECT_EQ(worked, 5);
}

TEST(AnswerPool, MayEndWithoutHavingWorked) {
    const AnswerPool pool(3);
    pollfd readable{pool.descriptor(), POLLIN, 0};
    EXPECT_EQ(::poll(&readable, 1, 0), 0);
}

}  // namespace
}  // namespace sluice::lookup
