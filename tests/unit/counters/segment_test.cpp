#include "counters/segment.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "counters/recorder.h"
#include "support/scratch_directory.h"

namespace sluice::counters {
namespace {

const Cell received = cell(Group::received, Measure::messages);

class SegmentTest : public testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<Segment> open() const {
        auto opened = Segment::open(path_);
        EXPECT_TRUE(opened) << opened.error().detail();
        return std::move(*opened);
    }
    test::ScratchDirectory directory_;
    std::string path_ = segment_path(directory_.path(""));
};

TEST_F(SegmentTest, IsMadeOnceAndFoundAgain) {
    {
        auto segment = open();
        const auto place = segment->place_of("tcp_local");
        ASSERT_TRUE(place);
        segment->add(*place, received, 3);
    }
    auto again = open();
    const auto counts = again->read();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].channel, "tcp_local");
    EXPECT_EQ(counts[0].at(received), 3);
    EXPECT_FALSE(counts[0].last_in);
}

TEST_F(SegmentTest, AllThreadsAndMappingsAddUp) {
    constexpr int threads = 8;
    constexpr int additions = 20000;
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([&] {
            auto mine = Segment::open(path_);
            ASSERT_TRUE(mine);
            const auto place = (*mine)->place_of("l");
            ASSERT_TRUE(place);
            for (int k = 0; k < additions; ++k) (*mine)->add(*place, received, 1);
        });
    }
    for (std::thread& thread : running) thread.join();
    const auto counts = open()->read();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].at(received), threads * additions);
}

TEST_F(SegmentTest, AFullTableCountsNoFurtherChannel) {
    auto segment = std::move(*Segment::open(path_, least_channels));
    for (std::size_t i = 0; i < least_channels; ++i)
        EXPECT_TRUE(segment->place_of("tcp_" + std::to_string(i)));
    EXPECT_FALSE(segment->place_of("one_too_many"));
    EXPECT_TRUE(segment->place_of("tcp_3"));
    EXPECT_FALSE(segment->place_of(std::string(64, 'x')));
    EXPECT_FALSE(segment->place_of(""));
}

TEST_F(SegmentTest, ADamagedFileIsReplaced) {
    std::ofstream(path_) << "this is no counters file";
    auto segment = open();
    EXPECT_TRUE(segment->read().empty());
    std::filesystem::resize_file(path_, 4096);  // its end is gone
    EXPECT_TRUE(segment->is_orphan() || !Segment::open_existing(path_));
    EXPECT_TRUE(open()->place_of("l"));
}

TEST_F(SegmentTest, ClearLeavesWhatIsOpenNow) {
    auto segment = open();
    const auto place = *segment->place_of("tcp_local");
    segment->add(place, received, 5);
    segment->add(place, association_cell(Association::total_in), 2);
    segment->add_current(place, true, 1);
    segment->clear(true, false);
    auto counts = segment->read();
    EXPECT_EQ(counts[0].at(received), 0);
    EXPECT_EQ(counts[0].at(association_cell(Association::total_in)), 2);
    segment->clear(false, true);
    counts = segment->read();
    EXPECT_EQ(counts[0].at(association_cell(Association::total_in)), 0);
    EXPECT_EQ(counts[0].current_in, 1);
}

// Whoever is killed with connections open takes them along.
TEST_F(SegmentTest, ConnectionsOfADeadProcessAreNotOpen) {
    auto segment = open();
    const auto place = *segment->place_of("tcp_local");
    segment->add_current(place, false, 2);
    const pid_t child = ::fork();
    if (child == 0) {
        auto own = Segment::open(path_);
        (*own)->add_current(*(*own)->place_of("tcp_local"), true, 7);
        (*own)->add(*(*own)->place_of("tcp_local"), received, 7);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto counts = segment->read();
    EXPECT_EQ(counts[0].current_in, 0);
    EXPECT_EQ(counts[0].current_out, 2);
    EXPECT_EQ(counts[0].at(received), 7);
}

log::Event connection(log::EventKind kind, std::uint64_t session, const std::string& channel) {
    log::Event event;
    event.kind = kind;
    event.session = session;
    event.source_channel = channel;
    return event;
}

// A session may change its channel on the way.
TEST_F(SegmentTest, AConnectionEndsOnTheChannelItBeganOn) {
    Recorder recorder(path_, default_channels);
    using log::EventKind;
    const auto post = [&](const log::Event& event) {
        recorder.post(std::span(&event, 1), log::LogOptions{});
    };
    post(connection(EventKind::connection_opened, 1, "tcp_local"));
    post(connection(EventKind::connection_opened, 2, "tcp_local"));
    post(connection(EventKind::connection_closed, 1, "tcp_auth"));
    post(connection(EventKind::connection_closed, 9, "tcp_local"));  // was never opened
    const auto counts = open()->read();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].current_in, 1);
}

TEST_F(SegmentTest, ADirectoryThatIsNotThereStopsNobody) {
    Recorder recorder(directory_.path("missing/counters"), default_channels);
    const log::Event event = connection(log::EventKind::connection_opened, 1, "tcp_local");
    recorder.post(std::span(&event, 1), log::LogOptions{});
    EXPECT_TRUE(recorder.wants(log::EventKind::enqueued));
    EXPECT_FALSE(recorder.wants(log::EventKind::header_line));
}

}  // namespace
}  // namespace sluice::counters
