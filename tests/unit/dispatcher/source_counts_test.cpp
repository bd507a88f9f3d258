#include "dispatcher/source_counts.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

const IpAddress one = IpAddress::v4({192, 0, 2, 1});
const IpAddress other = IpAddress::v4({192, 0, 2, 2});

TEST(SourceCounts, CountUntilTheEnd) {
    SourceCounts counts;
    counts.begin(1, one);
    counts.begin(2, one);
    counts.begin(2, one);
    counts.begin(3, other);
    EXPECT_EQ(counts.of(one), 2U);
    EXPECT_EQ(counts.of(other), 1U);
    counts.end(1);
    counts.end(1);
    counts.end(99);
    EXPECT_EQ(counts.of(one), 1U);
    counts.end(2);
    EXPECT_EQ(counts.of(one), 0U);
}

TEST(SourceCounts, WorkersTakeTheirsAlong) {
    SourceCounts counts;
    for (std::uint64_t id = 1; id <= 4; ++id) counts.begin(id, one);
    counts.assign(1, 0);
    counts.assign(2, 0);
    counts.assign(3, 7);
    counts.end_all_of(0, {2});
    EXPECT_EQ(counts.of(one), 3U) << "one ended, one is kept, one is another's, one is nobody's";
    counts.assign(2, 7);
    counts.end_all_of(7, {});
    EXPECT_EQ(counts.of(one), 1U);
}

}  // namespace
}  // namespace sluice::dispatcher
