#include <gtest/gtest.h>

#include "defragment/piece.h"

namespace sluice::defragment {
namespace {

using Pieces = std::vector<message::PartialLabels>;
using Places = std::vector<std::size_t>;

TEST(FindWhole, NeedsOneOfEachNumberAndATotal) {
    EXPECT_EQ(find_whole(Pieces{{"x", 1, 1}}), (Places{0}));
    EXPECT_EQ(find_whole(Pieces{{"x", 3, 3}, {"x", 1, 0}, {"x", 2, 0}}), (Places{1, 2, 0}));
    EXPECT_EQ(find_whole(Pieces{{"x", 1, 0}, {"x", 2, 0}}), Places{}) << "nobody knows the total";
    EXPECT_EQ(find_whole(Pieces{{"x", 1, 3}, {"x", 3, 3}}), Places{});
    EXPECT_EQ(find_whole(Pieces{}), Places{});
}

TEST(FindWhole, TakesTheFirstOfARepeatedPieceAndNoneThatContradicts) {
    EXPECT_EQ(find_whole(Pieces{{"x", 1, 2}, {"x", 1, 2}, {"x", 2, 2}}), (Places{0, 2}));
    EXPECT_EQ(find_whole(Pieces{{"x", 1, 2}, {"x", 2, 3}}), Places{});
}

}  // namespace
}  // namespace sluice::defragment
