#include "return_job/run_counter.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice::return_job {
namespace {

TEST(RunCounter, AStepIsDueInEveryPeriodthRun) {
    EXPECT_TRUE(is_due(1, 1));
    EXPECT_TRUE(is_due(2, 1));
    EXPECT_FALSE(is_due(1, 3));
    EXPECT_FALSE(is_due(2, 3));
    EXPECT_TRUE(is_due(3, 3));
    EXPECT_TRUE(is_due(5, 0));
    EXPECT_TRUE(is_due(5, -7));
}

TEST(RunCounter, CountsOverProcesses) {
    const test::ScratchDirectory scratch;
    const std::string path = scratch.path("count");
    EXPECT_EQ(count_run(path).value(), 1U);
    EXPECT_EQ(count_run(path).value(), 2U);
    ASSERT_TRUE(replace_file(path, "nonsense"));
    EXPECT_EQ(count_run(path).value(), 1U);
    EXPECT_FALSE(count_run(scratch.path("none/count")));
}

}  // namespace
}  // namespace sluice::return_job
