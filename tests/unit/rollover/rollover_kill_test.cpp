// Four processes write without a pause while rollovers run and are killed at every kill point the
// sources have. In the end every line that was written is there, once.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "support/scratch_directory.h"

namespace sluice::rollover {
namespace {

constexpr unsigned writer_count = 4;

std::vector<std::string> kill_points() {
    std::vector<std::string> names;
    FILE* pipe = ::popen(SLUICE_SOURCE_DIR "/scripts/list-kill-points src/rollover", "r");
    if (pipe == nullptr) return names;
    std::array<char, 256> line{};
    while (std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr) {
        std::string name(line.data());
        while (!name.empty() && name.back() == '\n') name.pop_back();
        names.push_back(name);
    }
    ::pclose(pipe);
    return names;
}

struct Process {
    pid_t pid = -1;
    UniqueFd output;
};

Process start(std::vector<std::string> words, const std::string& kill_point) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return {};
    Process process;
    process.output.reset(ends[0]);
    const UniqueFd theirs(ends[1]);
    words.insert(words.begin(), "rollover_victim");
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    process.pid = ::fork();
    if (process.pid == 0) {
        ::dup2(theirs.get(), STDOUT_FILENO);
        ::setenv("SLUICE_KILL_POINT", kill_point.c_str(), 1);
        ::execv(SLUICE_ROLLOVER_VICTIM, pointers.data());
        ::_exit(127);
    }
    return process;
}

int wait_for(const Process& process, std::string* said = nullptr) {
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0;
         (count = ::read(process.output.get(), buffer.data(), buffer.size())) > 0;) {
        if (said != nullptr) said->append(buffer.data(), static_cast<std::size_t>(count));
    }
    int status = 0;
    ::waitpid(process.pid, &status, 0);
    return status;
}

bool is_killed(int status) {
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

class RolloverUnderLoad : public testing::Test {
protected:
    void start_writers() {
        for (unsigned i = 0; i < writer_count; ++i) {
            const std::string name = "writer" + std::to_string(i);
            writers_.push_back(start({"write", scratch_.path(""), name}, ""));
        }
        // Nothing is shown by a rollover of an empty file.
        while (!std::filesystem::exists(current_) || std::filesystem::file_size(current_) < 4096)
            ::usleep(1000);
    }
    int roll(const std::string& kill_point, std::string* said = nullptr) {
        return wait_for(start({"roll", scratch_.path("")}, kill_point), said);
    }
    int finish(std::string* said) {
        return wait_for(start({"finish", scratch_.path("")}, ""), said);
    }
    void stop_and_judge() {
        std::map<std::string, unsigned long> written;
        for (const Process& writer : writers_) ::kill(writer.pid, SIGTERM);
        for (std::size_t i = 0; i < writers_.size(); ++i) {
            std::string said;
            EXPECT_EQ(wait_for(writers_[i], &said), 0);
            written["writer" + std::to_string(i)] = std::stoul(said);
        }
        std::map<std::string, std::vector<unsigned>> seen;
        for (const auto& [name, count] : written) seen[name].resize(count);
        for (const char* file : {"mail.log", "mail.log_yesterday", "mail.log_current"})
            count_lines(scratch_.path(file), seen);
        for (const auto& [name, times] : seen) {
            for (std::size_t i = 0; i < times.size(); ++i)
                ASSERT_EQ(times[i], 1U) << name << " line " << i << " of " << times.size();
        }
    }

    test::ScratchDirectory scratch_;
    std::string current_ = scratch_.path("mail.log_current");

private:
    static void count_lines(
        const std::string& path, std::map<std::string, std::vector<unsigned>>& seen
    ) {
        std::ifstream file(path);
        std::string name;
        std::size_t number = 0;
        std::string rest;
        while (file >> name >> number >> rest) {
            auto& times = seen[name];
            ASSERT_LT(number, times.size()) << name;
            ASSERT_EQ(rest.size(), 38U) << "a line that is not whole: " << name << ' ' << number;
            ++times[number];
        }
        EXPECT_TRUE(file.eof());
    }

    std::vector<Process> writers_;
};

TEST_F(RolloverUnderLoad, KilledAtEveryPointEveryLineIsThereOnce) {
    const std::vector<std::string> points = kill_points();
    ASSERT_GE(points.size(), 9U);
    start_writers();
    EXPECT_EQ(roll(""), 0);  // from now on there is a file of yesterday
    for (const std::string& point : points) {
        EXPECT_TRUE(is_killed(roll(point))) << point;
        std::string said;
        EXPECT_EQ(roll("", &said), 0) << point << ": " << said;
    }
    EXPECT_FALSE(std::filesystem::exists(scratch_.path("mail.log_rollover")));
    stop_and_judge();
}

TEST_F(RolloverUnderLoad, WhatWasInterruptedIsFinishedWithoutANewRollover) {
    const std::vector<std::string> points = kill_points();
    start_writers();
    EXPECT_EQ(roll(""), 0);
    for (const std::string& point : points) {
        EXPECT_TRUE(is_killed(roll(point))) << point;
        std::string said;
        EXPECT_EQ(finish(&said), 0) << point << ": " << said;
        EXPECT_FALSE(std::filesystem::exists(scratch_.path("mail.log_rollover"))) << point;
        EXPECT_TRUE(std::filesystem::exists(scratch_.path("mail.log_yesterday"))) << point;
        const auto size = std::filesystem::file_size(scratch_.path("mail.log"));
        EXPECT_EQ(finish(&said), 0) << point << ": " << said;
        EXPECT_EQ(std::filesystem::file_size(scratch_.path("mail.log")), size) << point;
    }
    stop_and_judge();
}

TEST_F(RolloverUnderLoad, KilledAgainDuringTheRecovery) {
    const std::vector<std::string> points = kill_points();
    start_writers();
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = i % 3; j < points.size(); j += 3) {
            const std::string& first = points[i];
            const std::string& second = points[j];
            EXPECT_EQ(roll(""), 0);  // every file is there, nothing is under way
            EXPECT_TRUE(is_killed(roll(first))) << first;
            (void)roll(second);  // may be a point that the recovery does not pass
        }
    }
    std::string said;
    EXPECT_EQ(roll("", &said), 0) << said;
    stop_and_judge();
}

}  // namespace
}  // namespace sluice::rollover
