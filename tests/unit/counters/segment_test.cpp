#include "counters/segment.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
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

TEST_F(SegmentTest, HitsOfLimitsAddUpOverMappingsAndAreCleared) {
    using limits::Limit;
    const auto at = [](const LimitCounts& counts, Limit limit) {
        return counts[static_cast<std::size_t>(limit)];
    };
    auto one = open();
    auto other = open();
    one->add_limit_hits(Limit::header, 2);
    other->add_limit_hits(Limit::header, 3);
    other->add_limit_hits(Limit::inflow_brake, 1);
    EXPECT_EQ(at(one->read_limits(), Limit::header), 5);
    EXPECT_EQ(at(one->read_limits(), Limit::inflow_brake), 1);
    EXPECT_EQ(at(one->read_limits(), Limit::max_conns), 0);
    one->clear(true, false);
    EXPECT_EQ(at(one->read_limits(), Limit::header), 5);
    one->clear(false, true);
    EXPECT_EQ(one->read_limits(), LimitCounts{});
}

TEST_F(SegmentTest, LimitsOfTheProcessAreCountedInTheFile) {
    Recorder::count_limits(path_);
    limits::count(limits::Limit::delayed_connections, 4);
    limits::count(limits::Limit::delayed_connections);
    limits::set_counter({});
    limits::count(limits::Limit::delayed_connections, 100);
    const LimitCounts counts = open()->read_limits();
    EXPECT_EQ(counts[static_cast<std::size_t>(limits::Limit::delayed_connections)], 5);
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

// Threads of one mapping share its descriptor, and so the lock of the file.
TEST_F(SegmentTest, ThreadsThatMeetNewChannelsGetDifferentPlaces) {
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(Segment::remove(path_));
        auto segment = open();
        constexpr int threads = 8;
        std::atomic<int> ready{0};
        std::vector<std::thread> running;
        for (int i = 0; i < threads; ++i) {
            running.emplace_back([&, i] {
                ++ready;
                while (ready < threads) std::this_thread::yield();
                const auto place = segment->place_of("tcp_" + std::to_string(i));
                ASSERT_TRUE(place);
                segment->add(*place, received, i + 1);
            });
        }
        for (std::thread& thread : running) thread.join();
        const auto counts = segment->read();
        ASSERT_EQ(counts.size(), threads);
        for (int i = 0; i < threads; ++i) {
            EXPECT_EQ(counts[static_cast<std::size_t>(i)].channel, "tcp_" + std::to_string(i));
            EXPECT_EQ(counts[static_cast<std::size_t>(i)].at(received), i + 1);
        }
    }
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

// Whoever cuts the file short must not end the processes that count.
TEST_F(SegmentTest, AFileThatIsCutShortStopsNobody) {
    auto segment = open();
    auto reader = std::move(*Segment::open_existing(path_));
    const auto place = *segment->place_of("tcp_local");
    segment->add(place, received, 5);
    EXPECT_FALSE(segment->is_orphan());
    std::filesystem::resize_file(path_, 0);
    EXPECT_TRUE(segment->is_orphan());
    segment->add(place, received, 1);
    segment->set_current(place, true, 1);
    EXPECT_LE(segment->read().size(), 1U);
    EXPECT_TRUE(reader->read().empty());
    EXPECT_TRUE(reader->is_orphan());
    // A new one takes its place, with the old one still mapped.
    auto fresh = open();
    EXPECT_FALSE(fresh->is_orphan());
    fresh->add(*fresh->place_of("tcp_local"), received, 2);
    EXPECT_EQ(fresh->read()[0].at(received), 2);
}

/// Sanitizers have handlers of their own, which end with a status that is not 0.
bool is_end_by_bus_error(int status) {
    return WIFSIGNALED(status) ? WTERMSIG(status) == SIGBUS : WEXITSTATUS(status) != 0;
}

TEST_F(SegmentTest, ABusErrorOfSomebodyElseIsTheirs) {
    auto segment = open();
    const std::string other = directory_.path("other");
    std::ofstream(other) << std::string(8192, 'x');
    EXPECT_EXIT(
        {
            const int fd = ::open(other.c_str(), O_RDONLY);
            const void* at = ::mmap(nullptr, 8192, PROT_READ, MAP_SHARED, fd, 0);
            std::filesystem::resize_file(other, 0);
            std::_Exit(*static_cast<const volatile char*>(at));
        },
        is_end_by_bus_error, ""
    );
    EXPECT_EXIT(::kill(::getpid(), SIGBUS), is_end_by_bus_error, "");
}

// Nothing that stands in the file leads outside of it.
TEST_F(SegmentTest, OctetsOfTheDevilDoNoHarm) {
    auto segment = open();
    const auto place = *segment->place_of("tcp_local");
    segment->set_current(place, true, 1);
    const auto size = std::filesystem::file_size(path_);
    for (const char octet : {'\xff', '\x7f', '\x01'}) {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.write(std::string(size, octet).data(), static_cast<std::streamsize>(size));
        file.close();
        segment->add(place, received, 1);
        segment->set_current(place, true, 2);
        static_cast<void>(segment->place_of("tcp_other"));
        EXPECT_LE(segment->read().size(), segment->capacity());
        segment->clear(true, true);
        EXPECT_FALSE(Segment::open_existing(path_));
    }
}

TEST_F(SegmentTest, AFifoInItsPlaceIsNotWaitedFor) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_FALSE(Segment::open_existing(path_));
    EXPECT_TRUE(open()->place_of("l"));
}

TEST_F(SegmentTest, ClearLeavesWhatIsOpenNow) {
    auto segment = open();
    const auto place = *segment->place_of("tcp_local");
    segment->add(place, received, 5);
    segment->add(place, association_cell(Association::total_in), 2);
    segment->set_current(place, true, 1);
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
    segment->set_current(place, false, 2);
    const pid_t child = ::fork();
    if (child == 0) {
        auto own = Segment::open(path_);
        (*own)->set_current(*(*own)->place_of("tcp_local"), true, 7);
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

// As a new configuration does it: the next one is there before the one before has gone.
TEST_F(SegmentTest, ConnectionsStayOpenWhenARecorderTakesThePlaceOfAnother) {
    using log::EventKind;
    const auto post = [](Recorder& recorder, const log::Event& event) {
        recorder.post(std::span(&event, 1), log::LogOptions{});
    };
    auto before = std::make_unique<Recorder>(path_, default_channels);
    post(*before, connection(EventKind::connection_opened, 1, "tcp_local"));
    Recorder after(path_, default_channels);
    post(after, connection(EventKind::connection_opened, 2, "tcp_local"));
    before.reset();
    EXPECT_EQ(open()->read().at(0).current_in, 2);
    post(after, connection(EventKind::connection_closed, 1, "tcp_local"));
    EXPECT_EQ(open()->read().at(0).current_in, 1);
}

TEST_F(SegmentTest, ANewFileShowsWhatIsOpenStill) {
    Recorder recorder(path_, default_channels, std::chrono::milliseconds(0));
    using log::EventKind;
    const auto post = [&](const log::Event& event) {
        recorder.post(std::span(&event, 1), log::LogOptions{});
    };
    post(connection(EventKind::connection_opened, 1, "tcp_local"));
    post(connection(EventKind::connection_opened, 2, "tcp_local"));
    ASSERT_TRUE(*Segment::remove(path_));
    log::Event event;
    event.kind = EventKind::enqueued;
    event.source_channel = "tcp_local";
    event.destination_channel = "l";
    post(event);
    auto counts = open()->read();
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0].at(received), 1);
    EXPECT_EQ(counts[1].current_in, 2);
    std::filesystem::resize_file(path_, 100);
    post(connection(EventKind::connection_closed, 1, "tcp_local"));
    counts = open()->read();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].current_in, 1);
}

TEST_F(SegmentTest, ThreadsCountWhileFilesAreTakenAway) {
    Recorder recorder(path_, default_channels, std::chrono::milliseconds(0));
    std::atomic<bool> over{false};
    std::vector<std::thread> running;
    for (std::uint64_t i = 1; i <= 4; ++i) {
        running.emplace_back([&, i] {
            for (std::uint64_t session = i << 40U; !over; ++session) {
                for (const auto kind :
                     {log::EventKind::connection_opened, log::EventKind::connection_closed}) {
                    const auto event = connection(kind, session, "tcp_" + std::to_string(i));
                    recorder.post(std::span(&event, 1), log::LogOptions{});
                }
            }
        });
    }
    for (int i = 0; i < 50; ++i) {
        static_cast<void>(Segment::remove(path_));
        if (const auto reader = Segment::open(path_)) static_cast<void>((*reader)->read());
    }
    over = true;
    for (std::thread& thread : running) thread.join();
    const auto last = connection(log::EventKind::connection_opened, 1, "last");
    recorder.post(std::span(&last, 1), log::LogOptions{});
    for (const ChannelCounts& counts : open()->read())
        EXPECT_EQ(counts.current_in, counts.channel == "last" ? 1 : 0) << counts.channel;
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
