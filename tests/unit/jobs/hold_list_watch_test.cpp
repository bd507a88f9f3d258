#include "jobs/hold_list_watch.h"

#include <gtest/gtest.h>

#include "jobs/hold_list.h"
#include "support/scratch_directory.h"

namespace sluice::jobs {
namespace {

TEST(HoldListWatch, NoticesWhatOthersStopAndStart) {
    const test::ScratchDirectory scratch;
    const std::string path = hold_list_path(scratch.path(""));
    HoldListWatch watch(path, "TCP_Local");
    EXPECT_FALSE(watch.is_stopped());
    ASSERT_TRUE(change_hold_list(path, "l", true));
    EXPECT_FALSE(watch.is_stopped());
    ASSERT_TRUE(change_hold_list(path, "tcp_local", true));
    EXPECT_TRUE(watch.is_stopped());
    EXPECT_TRUE(watch.is_stopped());
    ASSERT_TRUE(change_hold_list(path, "tcp_local", false));
    EXPECT_FALSE(watch.is_stopped());
}

}  // namespace
}  // namespace sluice::jobs
