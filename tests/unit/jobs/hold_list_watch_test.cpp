#include "jobs/hold_list_watch.h"

#include <gtest/gtest.h>

#include "jobs/hold_list.h"
#include "support/scratch_directory.h"

namespace sluice::jobs {
namespace {

TEST(HoldListWatch, NoticesWhatOthersStopAndStart) {
    const test::ScratchDirectory scratch;
    const std::string path = hold_list_path(scratch.path(""));
    MonoTime now{std::chrono::seconds(1)};
    const auto later = [&] { return now += std::chrono::milliseconds(20); };
    HoldListWatch watch(path, "TCP_Local");
    EXPECT_FALSE(watch.is_stopped(now));
    ASSERT_TRUE(change_hold_list(path, "l", true));
    EXPECT_FALSE(watch.is_stopped(later()));
    ASSERT_TRUE(change_hold_list(path, "tcp_local", true));
    EXPECT_FALSE(watch.is_stopped(now + std::chrono::milliseconds(19)));
    EXPECT_TRUE(watch.is_stopped(later()));
    EXPECT_TRUE(watch.is_stopped(later()));
    ASSERT_TRUE(change_hold_list(path, "tcp_local", false));
    EXPECT_FALSE(watch.is_stopped(later()));
}

}  // namespace
}  // namespace sluice::jobs
