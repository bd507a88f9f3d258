#include "config/option_value.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

TEST(OptionValue, IntegersMayNameTheirBase) {
    EXPECT_EQ(parse_option_integer("17"), 17);
    EXPECT_EQ(parse_option_integer("-1"), -1);
    EXPECT_EQ(parse_option_integer("16%FF"), 255);
    EXPECT_EQ(parse_option_integer("16%ff"), 255);
    EXPECT_EQ(parse_option_integer("2%101"), 5);
    EXPECT_EQ(parse_option_integer("36%Z"), 35);
    for (const char* bad :
         {"", "x", "1x", "1 2", "%5", "1%0", "37%1", "2%2", "16%", "0x10", "9223372036854775808",
          "16%FFFFFFFFFFFFFFFFF"}) {
        EXPECT_EQ(parse_option_integer(bad), std::nullopt) << bad;
    }
}

TEST(OptionValue, WordsServeAsBooleans) {
    for (const char* yes : {"1", "true", "YES"}) EXPECT_EQ(parse_option_boolean(yes), true) << yes;
    for (const char* no : {"0", "False", "no"}) EXPECT_EQ(parse_option_boolean(no), false) << no;
    EXPECT_EQ(parse_option_boolean("on"), std::nullopt);
}

TEST(OptionValue, DurationsAndSizesHaveUnits) {
    EXPECT_EQ(parse_option_duration("90"), std::chrono::seconds(90));
    EXPECT_EQ(parse_option_duration("3d"), std::chrono::days(3));
    EXPECT_EQ(parse_option_duration("4H"), std::chrono::hours(4));
    EXPECT_EQ(parse_option_duration("-4h"), std::nullopt);
    EXPECT_EQ(parse_option_duration("h"), std::nullopt);
    EXPECT_EQ(parse_option_duration("9223372036854775807w"), std::nullopt);
    EXPECT_EQ(parse_option_octets("64M"), 64 << 20);
    EXPECT_EQ(parse_option_octets("99999"), 99999);
}

TEST(OptionValue, NearestNameIsFoundForSlipsOnly) {
    const std::string_view known[] = {"LOG_FILENAME", "LOG_FORMAT", "BLOCK_SIZE"};
    EXPECT_EQ(nearest_name("log_filname", known), "LOG_FILENAME");
    EXPECT_EQ(nearest_name("LOGFORMAT", known), "LOG_FORMAT");
    EXPECT_EQ(nearest_name("BLOCKSIZE", known), "BLOCK_SIZE");
    EXPECT_EQ(nearest_name("ZEBRA", known), "");
    EXPECT_EQ(nearest_name("", known), "");
}

}  // namespace
}  // namespace sluice::config
