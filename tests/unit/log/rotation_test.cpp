#include "log/rotation.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "log/log_file.h"
#include "support/scratch_directory.h"

namespace sluice::log {
namespace {

class Rotated : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return scratch_.path("mail.log_current"); }
    [[nodiscard]] LineWriter writer(std::uint64_t size, std::size_t keep = 0) const {
        return {path(), scratch_.path("mail.log_lock"), 1UL << 20U, {}, Rotation{size, keep}};
    }
    /// How often each line is in all files together.
    [[nodiscard]] std::map<std::string, int> lines() const {
        std::map<std::string, int> seen;
        std::vector<std::string> files = rotated_files(path());
        files.push_back(path());
        for (const std::string& file : files) {
            std::ifstream in(file);
            for (std::string line; std::getline(in, line);) ++seen[line];
        }
        return seen;
    }

    test::ScratchDirectory scratch_;
};

TEST_F(Rotated, NamesSortAsTimesDo) {
    const WallTime time{std::chrono::microseconds(1'700'000'000'000'042)};
    EXPECT_EQ(rotated_name("/log/x", time), "/log/x.20231114T221320.000042");
}

TEST_F(Rotated, AFullFileIsPutAsideAndTheNextLineBeginsANewOne) {
    LineWriter log = writer(20);
    for (const char* line : {"one two three\n", "four five six\n", "seven\n"}) {
        log.post(line);
        log.flush();
    }
    const auto files = rotated_files(path());
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(read_file(files[0]).value(), "one two three\nfour five six\n");
    EXPECT_EQ(read_file(path()).value(), "seven\n");
}

TEST_F(Rotated, OnlyTheNewestAreKept) {
    std::ofstream(path() + ".20200101") << "of somebody else\n";
    LineWriter log = writer(1, 2);
    for (int i = 0; i < 5; ++i) {
        log.post("line " + std::to_string(i) + '\n');
        log.flush();
    }
    const auto files = rotated_files(path());
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(read_file(files[0]).value(), "line 3\n");
    EXPECT_EQ(read_file(files[1]).value(), "line 4\n");
    EXPECT_TRUE(file_exists(path() + ".20200101"));
}

TEST_F(Rotated, WithoutASizeNothingHappens) {
    LineWriter log = writer(0, 2);
    for (int i = 0; i < 5; ++i) {
        log.post("line\n");
        log.flush();
    }
    EXPECT_TRUE(rotated_files(path()).empty());
}

// One of the writers is killed wherever it is.
TEST_F(Rotated, FourWritersLoseNothingAndDoubleNothing) {
    constexpr int writers = 4;
    constexpr int each = 1500;
    std::vector<pid_t> children;
    for (int who = 0; who < writers; ++who) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            LineWriter log = writer(2000);
            for (int i = 0; i < each; ++i) {
                log.post("writer " + std::to_string(who) + " line " + std::to_string(i) + '\n');
                log.flush();
                if (who == 0 && i == each / 2) (void)::raise(SIGKILL);
            }
            ::_exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
    }
    const auto seen = lines();
    for (const auto& [line, times] : seen) EXPECT_EQ(times, 1) << line;
    EXPECT_EQ(seen.size(), static_cast<std::size_t>((writers - 1) * each + each / 2 + 1));
    EXPECT_GT(rotated_files(path()).size(), 10U);
}

}  // namespace
}  // namespace sluice::log
