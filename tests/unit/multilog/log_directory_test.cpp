#include "multilog/log_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "base/file.h"

namespace sluice::multilog {
namespace {

class Directory : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "sluice-multilog-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        top_ = pattern;
        settings_.path = top_ + "/qmail-send";
    }
    void TearDown() override { std::filesystem::remove_all(top_); }

    [[nodiscard]] std::string path(const std::string& name) const {
        return settings_.path + '/' + name;
    }
    /// Old files, oldest first.
    [[nodiscard]] std::vector<std::string> old_files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(settings_.path)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("@")) names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }
    static std::vector<std::string> lines_of(const std::string& path) {
        std::vector<std::string> lines;
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) lines.push_back(line);
        return lines;
    }
    [[nodiscard]] mode_t mode(const std::string& name) const {
        struct stat status {};
        return ::stat(path(name).c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
    }

    std::string top_;
    DirectorySettings settings_;
};

TEST_F(Directory, HoldsWhatWasPostedInCurrent) {
    {
        LogDirectory log(settings_);
        log.post("one\n");
        log.flush();
        EXPECT_EQ(lines_of(path("current")), std::vector<std::string>{"one"});
        EXPECT_EQ(mode("current"), 0640U) << "being written";
        log.post("two\n");
    }
    EXPECT_EQ(lines_of(path("current")), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(mode("current"), 0740U) << "left in good order";
    LogDirectory again(settings_);
    again.post("three\n");
    again.flush();
    EXPECT_EQ(mode("current"), 0640U);
    EXPECT_EQ(lines_of(path("current")).size(), 3U) << "and goes on where it ended";
}

TEST_F(Directory, IsNotMadeForNothing) {
    { const LogDirectory log(settings_); }
    EXPECT_FALSE(file_exists(settings_.path));
}

TEST_F(Directory, PutsFullFilesAsideAndForgetsTheOldest) {
    settings_.size = 40;
    settings_.old_files = 3;
    {
        LogDirectory log(settings_);
        for (int i = 0; i < 20; ++i) {
            log.post("line number " + std::to_string(100 + i) + " of it\n");  // 22 octets
            log.flush();
        }
    }
    const auto old = old_files();
    ASSERT_EQ(old.size(), 3U);
    std::vector<std::string> lines;
    for (const std::string& name : old) {
        EXPECT_TRUE(name.ends_with(".s")) << name;
        for (const std::string& line : lines_of(path(name))) lines.push_back(line);
    }
    EXPECT_FALSE(file_exists(path("current"))) << "begins with the next line";
    ASSERT_EQ(lines.size(), 6U) << "two in each";
    EXPECT_EQ(lines.front(), "line number 114 of it");
    EXPECT_EQ(lines.back(), "line number 119 of it");
}

TEST_F(Directory, CurrentOfACrashEndsInU) {
    const pid_t child = ::fork();
    if (child == 0) {
        LogDirectory log(settings_);
        log.post("before the crash\n");
        log.flush();
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    LogDirectory log(settings_);
    log.post("after it\n");
    log.flush();
    const auto old = old_files();
    ASSERT_EQ(old.size(), 1U);
    EXPECT_TRUE(old[0].ends_with(".u"));
    EXPECT_EQ(lines_of(path(old[0])), std::vector<std::string>{"before the crash"});
    EXPECT_EQ(lines_of(path("current")), std::vector<std::string>{"after it"});
}

TEST_F(Directory, WhatAnotherProcessWritesIsNotTakenForACrash) {
    LogDirectory first(settings_);
    first.post("first\n");
    first.flush();
    {
        LogDirectory second(settings_);
        second.post("second\n");
        second.flush();
    }
    EXPECT_TRUE(old_files().empty());
    EXPECT_EQ(mode("current"), 0640U) << "the first one goes on";
    EXPECT_EQ(lines_of(path("current")), (std::vector<std::string>{"first", "second"}));
}

TEST_F(Directory, ManyWritersLoseNothingOverManyRotations) {
    constexpr int writers = 4;
    constexpr int lines = 400;
    settings_.size = 1000;
    settings_.old_files = 10000;
    std::vector<pid_t> children;
    for (int w = 0; w < writers; ++w) {
        const pid_t child = ::fork();
        if (child == 0) {
            {
                LogDirectory log(settings_);
                for (int i = 0; i < lines; ++i) {
                    log.post("writer " + std::to_string(w) + " line " + std::to_string(i) + '\n');
                    log.flush();
                }
            }
            ::_exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    std::map<std::string, int> seen;
    auto files = old_files();
    EXPECT_GT(files.size(), 10U);
    for (const std::string& name : files) EXPECT_TRUE(name.ends_with(".s")) << name;
    if (file_exists(path("current"))) files.emplace_back("current");
    for (const std::string& name : files) {
        for (const std::string& line : lines_of(path(name))) ++seen[line];
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(writers * lines));
    for (const auto& [line, count] : seen) EXPECT_EQ(count, 1) << line;
}

}  // namespace
}  // namespace sluice::multilog
