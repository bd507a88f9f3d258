// Kills a program that uses the queue at every kill point the sources have, then judges what it
// left against what it had promised.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "base/unique_fd.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

std::vector<std::string> kill_points() {
    std::vector<std::string> names;
    FILE* pipe = ::popen(SLUICE_SOURCE_DIR "/scripts/list-kill-points src/queue", "r");
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

/// Later messages are for channel l alone.
constexpr unsigned both_channels = 12;

struct VictimRun {
    bool killed = false;
    bool ended = false;
    std::set<unsigned> acknowledged;
    std::map<unsigned, std::set<std::string>> done;
};

VictimRun run_victim(const std::string& root, const std::string& kill_point, const char* way) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return {};
    UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(writer.get(), STDOUT_FILENO);
        ::setenv("SLUICE_KILL_POINT", kill_point.c_str(), 1);
        ::execl(SLUICE_QUEUE_VICTIM, "queue_victim", root.c_str(), way, nullptr);
        ::_exit(127);
    }
    writer.reset();
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = ::read(reader.get(), buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    VictimRun run;
    run.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    std::istringstream lines(text);
    std::string word;
    while (lines >> word) {
        unsigned number = 0;
        if (word == "end") run.ended = true;
        if (word == "ack" && lines >> number) run.acknowledged.insert(number);
        if (word == "done" && lines >> number >> word) run.done[number].insert(word);
    }
    return run;
}

/// Files by channel and message number; recipients still waiting in channel l.
struct Left {
    std::map<std::pair<std::string, unsigned>, unsigned> files;
    std::map<unsigned, std::multiset<std::string>> waiting;
    std::map<unsigned, std::set<std::string>> recorded;
};

Left look(Store& store) {
    Left left;
    for (const MessageLocation& location : test::queued(store)) {
        auto file = MessageFile::open(store, location, Access::own);
        EXPECT_TRUE(file) << file.error().to_debug_string();
        if (!file) continue;
        EXPECT_TRUE(file->verify_content());
        const auto number = static_cast<unsigned>(std::stoul(test::read_all(*file).value()));
        ++left.files[{location.channel, number}];
        if (location.channel != "l") continue;
        const auto open = file->unfinished().value();
        for (const std::size_t index : open) {
            left.waiting[number].insert(file->envelope().recipients[index].address);
        }
    }
    return left;
}

/// Each acknowledged copy for each recipient: done or waiting. At most the recipient in flight
/// (told "done", not yet recorded) and those of a replaced file may come twice.
void judge(const VictimRun& run, const Left& left) {
    unsigned in_flight = 0;
    for (const unsigned number : run.acknowledged) {
        if (number <= both_channels) {
            EXPECT_EQ(left.files.count({"tcp_local", number}), 1U) << "message " << number;
        }
        const auto waiting = left.waiting.find(number);
        const auto done = run.done.find(number);
        for (const char* recipient : {"a@x", "b@x", "c@x"}) {
            const bool finished = done != run.done.end() && done->second.contains(recipient);
            const std::size_t times =
                waiting == left.waiting.end() ? 0 : waiting->second.count(recipient);
            EXPECT_GE(times + (finished ? 1 : 0), 1U) << "message " << number << ' ' << recipient;
            EXPECT_LE(times, 2U);
            if (finished) in_flight += static_cast<unsigned>(times);
        }
    }
    EXPECT_LE(in_flight, 1U);
    for (const auto& [key, count] : left.files) {
        EXPECT_LE(count, key.first == "l" ? 2U : 1U) << key.first << ' ' << key.second;
    }
}

class Kill : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Ways, Kill, testing::Values("files", "segments"), [](const auto& one) {
    return std::string(one.param);
});

TEST_P(Kill, VictimRunsToItsEndWhenLeftAlone) {
    test::TemporaryRoot root;
    const VictimRun run = run_victim(root.path(), "no.such.point", GetParam());
    EXPECT_TRUE(run.ended);
    EXPECT_EQ(run.acknowledged.size(), 14U);
    auto store = *Store::open(root.path());
    judge(run, look(*store));
    EXPECT_EQ(sweep_temporary_files(*store, std::chrono::seconds(-5)).value(), 0U);
}

bool is_of_segments_only(const std::string& point) {
    return point.starts_with("queue.segment.") || point.starts_with("queue.promote.") ||
           point == "queue.remove.marked";
}

TEST_P(Kill, AtEveryPointNothingAcknowledgedIsLost) {
    const bool with_segments = std::string_view(GetParam()) == "segments";

    const std::vector<std::string> points = kill_points();
    ASSERT_GE(points.size(), 10U);
    for (const std::string& point : points) {
        if (!with_segments && is_of_segments_only(point)) continue;
        for (const unsigned pass : {1U, 2U, 5U, 8U}) {
            test::TemporaryRoot root;
            const VictimRun run =
                run_victim(root.path(), point + ':' + std::to_string(pass), GetParam());
            // Every point is reached at least once, else it tests nothing.
            EXPECT_TRUE(run.killed || pass > 2) << point << ':' << pass;
            EXPECT_TRUE(run.killed || run.ended) << point << ':' << pass;
            auto store = *Store::open(root.path());
            EXPECT_TRUE(sweep_temporary_files(*store, std::chrono::seconds(-5)));
            judge(run, look(*store));
            EXPECT_EQ(sweep_temporary_files(*store, std::chrono::seconds(-5)).value(), 0U);
            ASSERT_FALSE(testing::Test::HasFailure()) << point << ':' << pass;
        }
    }
}

}  // namespace
}  // namespace sluice::queue
