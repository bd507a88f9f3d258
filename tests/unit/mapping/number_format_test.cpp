#include "mapping/number_format.h"

#include <gtest/gtest.h>

namespace sluice::mapping {
namespace {

std::string written(std::uint64_t number, std::string_view argument) {
    const auto format = parse_number_format(argument);
    return format ? formatted(number, *format) : "bad";
}

TEST(NumberFormat, ObeysRadixWidthAndModulus) {
    EXPECT_EQ(written(255, "file"), "255");
    EXPECT_EQ(written(255, "file|16"), "FF");
    EXPECT_EQ(written(255, "file|-16|4"), "00FF");
    EXPECT_EQ(written(255, "file||5"), "00255");
    EXPECT_EQ(written(255, "file|10|2|100"), "55");
    EXPECT_EQ(written(0, "file|36"), "0");
}

TEST(NumberFormat, RefusesWhatIsNone) {
    for (const char* argument :
         {"file|1", "file|37", "file|-1", "file|x", "file|10|65", "file|10|2|0", "f|1|2|3|4"}) {
        EXPECT_EQ(written(1, argument), "bad") << argument;
    }
}

}  // namespace
}  // namespace sluice::mapping
