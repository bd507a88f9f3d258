#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"

namespace sluice::diag {
namespace {

class ComponentLog : public testing::Test {
protected:
    ComponentLog() {
        char name[] = "/tmp/sluice-log-XXXXXX";
        directory_ = std::string(::mkdtemp(name)) + '/';
        log_ = directory_ + "x.log";
        other_ = directory_ + "other";
    }
    ~ComponentLog() override {
        open_log(directory_ + "last.log");  // what comes after this test is not for its files
        std::filesystem::remove_all(directory_);
    }

    /// Opens the log and says something in it.
    void speak() {
        open_log(directory_ + "first.log");
        open_log(log_);
        info("spoken\n");
    }

    std::string directory_;
    std::string log_;
    std::string other_;
};

TEST_F(ComponentLog, LinesAreAppended) {
    ASSERT_TRUE(replace_file(log_, "before\n"));
    speak();
    const std::string text = read_file(log_).value();
    EXPECT_TRUE(text.starts_with("before\n"));
    EXPECT_TRUE(text.ends_with(": I spoken\\x0a\n")) << text;
}

TEST_F(ComponentLog, SymbolicLinkIsNotFollowed) {
    ASSERT_TRUE(replace_file(other_, ""));
    ASSERT_EQ(::symlink(other_.c_str(), log_.c_str()), 0);
    speak();
    EXPECT_EQ(read_file(other_).value(), "");
}

TEST_F(ComponentLog, FileWithAnotherNameIsNotWritten) {
    ASSERT_TRUE(replace_file(other_, ""));
    ASSERT_EQ(::link(other_.c_str(), log_.c_str()), 0);
    speak();
    EXPECT_EQ(read_file(other_).value(), "");
}

TEST_F(ComponentLog, TimesHaveHundredthsAndTextIsPlainAscii) {
    open_log(log_);
    info("caf\xc3\xa9 \x1b[2J\xff");
    const std::string text = read_file(log_).value();
    EXPECT_THAT(
        text, testing::MatchesRegex("[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\\.[0-9][0-9]: I .*\n")
    );
    EXPECT_TRUE(text.ends_with(": I caf\\xc3\\xa9 \\x1b[2J\\xff\n")) << text;
}

// What a program prints itself, and what its children print, is in its log.
TEST_F(ComponentLog, AVersionTakesTheStandardStreamsAlong) {
    EXPECT_EXIT(
        {
            open_log_version(log_, 5);
            info("spoken");
            (void)::write(STDOUT_FILENO, "printed\n", 8);
            (void)::write(STDERR_FILENO, "complained\n", 11);
            ::_exit(0);
        },
        testing::ExitedWithCode(0), ""
    );
    EXPECT_TRUE(std::filesystem::is_symlink(log_));
    EXPECT_TRUE(read_file(log_).value().ends_with(": I spoken\nprinted\ncomplained\n"));
}

TEST_F(ComponentLog, FifoNobodyReadsStopsNobody) {
    ASSERT_EQ(::mkfifo(log_.c_str(), 0600), 0);
    speak();
}

}  // namespace
}  // namespace sluice::diag
