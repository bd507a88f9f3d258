#include "utility/watcher.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"

namespace sluice::utility {
namespace {

class WatcherClaimTest : public testing::Test {
protected:
    WatcherClaimTest() {
        char name[] = "/tmp/sluice-watcher-XXXXXX";
        directory_ = std::string(::mkdtemp(name)) + '/';
    }
    ~WatcherClaimTest() override { std::filesystem::remove_all(directory_); }

    std::string directory_;
};

TEST_F(WatcherClaimTest, SaysWhoWatchesAsLongAsItIsHeld) {
    EXPECT_EQ(watcher_pid(directory_), 0);
    {
        const auto claim = WatcherClaim::take(directory_);
        ASSERT_TRUE(claim);
        EXPECT_EQ(watcher_pid(directory_), ::getpid());
    }
    EXPECT_EQ(watcher_pid(directory_), 0);
    EXPECT_FALSE(file_exists(pid_file(directory_, "watcher")));
}

TEST_F(WatcherClaimTest, SecondWatcherIsRefusedAndChangesNothing) {
    const auto claim = WatcherClaim::take(directory_);
    ASSERT_TRUE(claim);
    EXPECT_FALSE(WatcherClaim::take(directory_));
    EXPECT_EQ(watcher_pid(directory_), ::getpid());
}

// After a crash of the machine the number in the file is that of some other process.
TEST_F(WatcherClaimTest, LeftOverPidFileIsNoWatcher) {
    { ASSERT_TRUE(WatcherClaim::take(directory_)); }
    ASSERT_TRUE(replace_file(pid_file(directory_, "watcher"), std::to_string(::getppid()) + '\n'));
    EXPECT_EQ(watcher_pid(directory_), 0);
    EXPECT_TRUE(WatcherClaim::take(directory_));
}

}  // namespace
}  // namespace sluice::utility
