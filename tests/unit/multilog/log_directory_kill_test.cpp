// Writers of a log directory are killed at every kill point the sources have, alone and while
// others go on. In the end every line that was said to be written is there, once.
#include <fcntl.h>
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

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "support/scratch_directory.h"

namespace sluice::multilog {
namespace {

std::vector<std::string> kill_points() {
    std::vector<std::string> names;
    FILE* pipe = ::popen(SLUICE_SOURCE_DIR "/scripts/list-kill-points src/multilog", "r");
    if (pipe == nullptr) return names;
    std::array<char, 256> line{};
    while (std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr)
        names.emplace_back(split(line.data(), '\n').front());
    ::pclose(pipe);
    return names;
}

struct Process {
    pid_t pid = -1;
    UniqueFd output;
    std::string name;
};

class KilledDirectory : public testing::Test {
protected:
    Process start(const std::string& name, unsigned lines, const std::string& kill_point = "") {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        Process process{-1, UniqueFd(ends[0]), name};
        const UniqueFd theirs(ends[1]);
        const std::string count = std::to_string(lines);
        process.pid = ::fork();
        if (process.pid == 0) {
            ::dup2(theirs.get(), STDOUT_FILENO);
            ::setenv("SLUICE_KILL_POINT", kill_point.c_str(), 1);
            ::execl(
                SLUICE_MULTILOG_VICTIM, "multilog_victim", path_.c_str(), name.c_str(),
                count.c_str(), nullptr
            );
            ::_exit(127);
        }
        return process;
    }
    /// Notes which lines it said it wrote.
    int wait_for(const Process& process) {
        std::array<char, 4096> buffer{};
        std::string said;
        for (ssize_t count = 0;
             (count = ::read(process.output.get(), buffer.data(), buffer.size())) > 0;)
            said.append(buffer.data(), static_cast<std::size_t>(count));
        for (const std::string_view number : split(said, '\n')) {
            if (!number.empty()) said_.push_back(process.name + ' ' + std::string(number));
        }
        int status = 0;
        ::waitpid(process.pid, &status, 0);
        return status;
    }
    int run(const std::string& name, unsigned lines, const std::string& kill_point = "") {
        return wait_for(start(name, lines, kill_point));
    }
    static bool is_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }
    [[nodiscard]] std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            std::string name = entry.path().filename().string();
            if (name != "lock") names.push_back(std::move(name));
        }
        return names;
    }
    void judge() const {
        std::map<std::string, int> seen;
        for (const std::string& file : files()) {
            std::ifstream lines(path_ + '/' + file);
            for (std::string line; std::getline(lines, line);) {
                ASSERT_TRUE(line.ends_with(" whole")) << file << ": " << line;
                ++seen[line.substr(0, line.size() - 6)];
            }
        }
        for (const auto& [line, times] : seen) EXPECT_EQ(times, 1) << line;
        for (const std::string& line : said_) EXPECT_EQ(seen.count(line), 1U) << line;
    }

    test::ScratchDirectory scratch_;
    std::string path_ = scratch_.path("qmail-send");
    std::vector<std::string> said_;
};

TEST_F(KilledDirectory, AloneItLosesNothingAndDoublesNothing) {
    const auto points = kill_points();
    ASSERT_GE(points.size(), 5U);
    unsigned turn = 0;
    for (const std::string& point : points) {
        for (const char* pass : {"", ":2"}) {
            const std::string name = "w" + std::to_string(turn++);
            // What the one before left behind by its death is put aside first.
            const bool only_once = point == "multilog.crashed_aside";
            if (only_once && *pass != '\0') continue;
            EXPECT_TRUE(is_killed(run(name, 200, point + pass))) << point << pass;
        }
    }
    EXPECT_EQ(run("last", 3), 0);
    judge();
    const auto left = files();
    EXPECT_TRUE(std::any_of(left.begin(), left.end(), [](const std::string& file) {
        return file.ends_with(".u");
    })) << "what nobody vouches for";
}

TEST_F(KilledDirectory, OthersGoOn) {
    for (const std::string& point : kill_points()) {
        std::vector<Process> others;
        for (int i = 0; i < 2; ++i) others.push_back(start(point + std::to_string(i), 150));
        // Who is not alone when it begins puts nothing aside.
        const int status = run(point, 150, point);
        EXPECT_TRUE(is_killed(status) || point == "multilog.crashed_aside") << point;
        for (const Process& other : others) EXPECT_EQ(wait_for(other), 0) << point;
    }
    EXPECT_EQ(run("last", 3), 0);
    judge();
}

}  // namespace
}  // namespace sluice::multilog
