#include "return_job/site_program.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/bytes.h"
#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice::return_job {
namespace {

class SiteProgramRun : public testing::Test {
protected:
    SiteProgramRun() {
        program_.path = scratch_.path("daily_cleanup");
        program_.directory = scratch_.path("");
        program_.environment = {"PATH=/usr/bin:/bin", "IMTA_LOG=/logs/"};
        program_.limit = std::chrono::seconds(60);
        program_.grace = std::chrono::seconds(20);
    }
    void script(const std::string& text, unsigned mode = 0700) {
        std::ofstream(program_.path) << "#!/bin/sh\n" << text;
        ASSERT_EQ(::chmod(program_.path.c_str(), mode), 0);
    }
    SiteProgramEnd run() {
        lines_.clear();
        const auto end = run_site_program(program_, [this](std::string_view line) {
            lines_.emplace_back(line);
        });
        EXPECT_TRUE(end);
        return end ? *end : SiteProgramEnd{};
    }

    test::ScratchDirectory scratch_;
    SiteProgram program_;
    std::vector<std::string> lines_;
};

TEST_F(SiteProgramRun, ItsOutputComesByLines) {
    script("echo one; echo two >&2; printf three");
    const auto end = run();
    EXPECT_TRUE(end.clean);
    EXPECT_EQ(end.text, "exit status 0");
    EXPECT_EQ(lines_, (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(SiteProgramRun, GetsTheGivenEnvironmentOnly) {
    ASSERT_EQ(::setenv("SECRET_OF_THE_TEST", "1", 1), 0);
    script("echo \"$IMTA_LOG $SECRET_OF_THE_TEST.\"; pwd; readlink /proc/self/fd/0");
    EXPECT_TRUE(run().clean);
    ASSERT_EQ(lines_.size(), 3U);
    EXPECT_EQ(lines_[0], "/logs/ .");
    EXPECT_EQ(lines_[1] + '/', scratch_.path(""));
    EXPECT_EQ(lines_[2], "/dev/null");
}

TEST_F(SiteProgramRun, HowItEndedIsTold) {
    script("exit 3");
    EXPECT_EQ(run().text, "exit status 3");
    script("kill -9 $$");
    const auto end = run();
    EXPECT_FALSE(end.clean);
    EXPECT_EQ(end.text, "signal 9");
}

TEST_F(SiteProgramRun, AtTheLimitTheWholeGroupIsStopped) {
    program_.limit = std::chrono::milliseconds(1500);
    script("sleep 600 & echo $!; wait");
    const auto end = run();
    EXPECT_FALSE(end.clean);
    EXPECT_EQ(end.text, "stopped after 2 s");
    ASSERT_EQ(lines_.size(), 1U);
    const auto child = static_cast<pid_t>(parse_unsigned(lines_[0]).value());
    // An orphan stays until its new parent has taken notice.
    for (int i = 0; i < 1000 && ::kill(child, 0) == 0; ++i) {
        const auto status = read_file("/proc/" + lines_[0] + "/stat");
        if (status && status->find(") Z ") != std::string::npos) break;
        ::usleep(10000);
    }
    const auto status = read_file("/proc/" + lines_[0] + "/stat");
    EXPECT_TRUE(!status || status->find(") Z ") != std::string::npos) << *status;
}

TEST_F(SiteProgramRun, OneThatIgnoresTheSignalIsKilled) {
    program_.limit = std::chrono::milliseconds(500);
    program_.grace = std::chrono::milliseconds(300);
    script("trap '' TERM; while :; do sleep 0.05; done");
    EXPECT_EQ(run().text, "stopped after 1 s");
}

TEST_F(SiteProgramRun, WhatItLeavesInTheBackgroundIsNotWaitedFor) {
    script("(sleep 600) & echo $!");
    EXPECT_TRUE(run().clean);
    ASSERT_EQ(lines_.size(), 1U);
    ::kill(static_cast<pid_t>(parse_unsigned(lines_[0]).value()), SIGKILL);
}

TEST_F(SiteProgramRun, TooMuchOutputIsCounted) {
    script("head -c 3000000 /dev/zero | tr '\\0' x");
    const auto end = run();
    EXPECT_TRUE(end.clean);
    EXPECT_EQ(end.dropped_bytes, 3000000 - max_output);
    std::uint64_t kept = 0;
    for (const std::string& line : lines_) {
        EXPECT_LE(line.size(), max_output_line);
        kept += line.size();
    }
    EXPECT_EQ(kept, max_output);
}

TEST_F(SiteProgramRun, OneThatWritesAsFastAsItIsReadIsStoppedAllTheSame) {
    program_.limit = std::chrono::seconds(1);
    script("exec yes");
    const auto end = run();
    EXPECT_FALSE(end.clean);
    EXPECT_FALSE(lines_.empty());
    EXPECT_EQ(lines_.front(), "y");
}

TEST_F(SiteProgramRun, OneThatCannotBeStartedIsAnError) {
    program_.path = scratch_.path("none");
    EXPECT_FALSE(run_site_program(program_, [](std::string_view) {}));
}

TEST_F(SiteProgramRun, AnEndThatNobodySawIsNoSuccess) {
    script("exit 3");
    // The kernel forgets at once how children end.
    ASSERT_NE(::signal(SIGCHLD, SIG_IGN), SIG_ERR);
    const auto end = run();
    ::signal(SIGCHLD, SIG_DFL);
    EXPECT_FALSE(end.clean);
    EXPECT_EQ(end.text, "an end that is not known");
}

}  // namespace
}  // namespace sluice::return_job
