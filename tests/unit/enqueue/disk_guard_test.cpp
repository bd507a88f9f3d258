#include "enqueue/disk_guard.h"

#include <gtest/gtest.h>

#include "support/scratch_directory.h"

namespace sluice::enqueue {
namespace {

constexpr std::int64_t mib = 1 << 20;

DiskLimits limits() {
    DiskLimits made;
    made.octets_soft = *config::parse_free_space("500M");
    made.octets_hard = *config::parse_free_space("100M");
    made.inodes_soft = *config::parse_free_space("5%");
    made.inodes_hard = *config::parse_free_space("1%");
    return made;
}

struct Row {
    const char* name;
    DiskState before;
    std::int64_t free_mib;
    std::int64_t free_inodes;  // of 1000
    DiskState after;
};

class DiskStates : public testing::TestWithParam<Row> {};

TEST_P(DiskStates, FollowTheLimitsWithHysteresis) {
    const Row& row = GetParam();
    const DiskUsage usage{row.free_mib * mib, 100000 * mib, row.free_inodes, 1000};
    EXPECT_EQ(next_disk_state(row.before, usage, limits()), row.after);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    DiskStates,
    testing::Values(
        Row{"plenty", DiskState::normal, 5000, 900, DiskState::normal},
        Row{"at_the_limit", DiskState::normal, 500, 900, DiskState::normal},
        Row{"below_soft", DiskState::normal, 499, 900, DiskState::soft},
        Row{"soft_stays_below_six_fifths", DiskState::soft, 599, 900, DiskState::soft},
        Row{"soft_left_at_six_fifths", DiskState::soft, 600, 900, DiskState::normal},
        Row{"below_hard", DiskState::soft, 99, 900, DiskState::hard},
        Row{"hard_stays_below_six_fifths", DiskState::hard, 119, 900, DiskState::hard},
        Row{"hard_to_soft", DiskState::hard, 120, 900, DiskState::soft},
        Row{"hard_to_normal", DiskState::hard, 5000, 900, DiskState::normal},
        Row{"few_inodes", DiskState::normal, 5000, 49, DiskState::soft},
        Row{"no_inodes", DiskState::normal, 5000, 9, DiskState::hard}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(DiskState, IgnoresInodesWhereTheyAreNotCounted) {
    const DiskUsage usage{5000 * mib, 100000 * mib, 0, 0};
    EXPECT_EQ(next_disk_state(DiskState::normal, usage, limits()), DiskState::normal);
}

TEST(DiskState, RoomIsCountedFromTheSoftLimit) {
    EXPECT_EQ(room_above_soft({600 * mib, 100000 * mib, 0, 0}, limits()), 100 * mib);
    EXPECT_EQ(room_above_soft({400 * mib, 100000 * mib, 0, 0}, limits()), 0);
}

TEST(DiskGuard, ReadsTheFileSystemOfADirectory) {
    DiskLimits none;
    none.octets_soft = none.octets_hard = *config::parse_free_space("0");
    none.inodes_soft = none.inodes_hard = *config::parse_free_space("0");
    DiskGuard guard("/", none);
    const auto view = guard.look(MonoTime{} + std::chrono::seconds(5));
    EXPECT_EQ(view.state, DiskState::normal);
    EXPECT_GT(view.room, 0);

    none.octets_hard = *config::parse_free_space("100%");
    DiskGuard full("/", none);
    EXPECT_EQ(full.look(MonoTime{} + std::chrono::seconds(5)).state, DiskState::hard);
}

TEST(DiskGuard, KeepsItsStateWhereNothingCanBeRead) {
    DiskGuard guard("/nonexistent/queue", limits());
    EXPECT_EQ(guard.look(MonoTime{} + std::chrono::seconds(5)).state, DiskState::normal);
}

TEST(DiskGuard, SaysWhatChangedAndNothingElse) {
    DiskLimits all;
    all.octets_soft = *config::parse_free_space("0");
    all.octets_hard = *config::parse_free_space("100%");
    all.inodes_soft = all.inodes_hard = *config::parse_free_space("0");
    std::string told;
    const auto note = [&](DiskState now) { told += std::string(disk_state_word(now)) + ' '; };
    DiskGuard guard("/", all, DiskState::normal, note);
    for (int second = 5; second < 9; ++second)
        (void)guard.look(MonoTime{} + std::chrono::seconds(second));
    EXPECT_EQ(told, "hard ");
    // Others have found it already.
    DiskGuard later("/", all, DiskState::hard, note);
    (void)later.look(MonoTime{} + std::chrono::seconds(5));
    EXPECT_EQ(told, "hard ");
}

TEST(SharedDiskState, CountsTheChangesOfAll) {
    const test::ScratchDirectory scratch;
    const std::string path = scratch.path("disk_state");
    EXPECT_EQ(exchange_disk_state(path, DiskState::soft).to_text(), "normal 0\n");
    EXPECT_EQ(exchange_disk_state(path, DiskState::soft).to_text(), "soft 1\n");
    EXPECT_EQ(exchange_disk_state(path, DiskState::hard).to_text(), "soft 1\n");
    EXPECT_EQ(exchange_disk_state(path, DiskState::normal).to_text(), "hard 2\n");
    EXPECT_EQ(exchange_disk_state(path, DiskState::normal).to_text(), "normal 3\n");
    for (const char* nonsense : {"", "soft", "soft x\n", "warm 3\n", "soft 1 2\n"})
        EXPECT_EQ(SharedDiskState::parse(nonsense).to_text(), "normal 0\n") << nonsense;
}

}  // namespace
}  // namespace sluice::enqueue
