#include "multilog/tai64n.h"

#include <gtest/gtest.h>

namespace sluice::multilog {
namespace {

const TimeZone us_eastern_summer = TimeZone::fixed(std::chrono::hours(-4));

struct StampCase {
    const char* stamp;
    const char* local;
};

class Tai64nStamp : public testing::TestWithParam<StampCase> {};

TEST_P(Tai64nStamp, IsReadAsTheToolsInTheFieldDo) {
    const auto instant = parse_tai64n(GetParam().stamp);
    ASSERT_TRUE(instant);
    EXPECT_EQ(format_local(*instant, us_eastern_summer), GetParam().local);
    EXPECT_EQ(format_tai64n(*instant), GetParam().stamp);
}

// postoffice-and-qmail-features.md section 8.3
INSTANTIATE_TEST_SUITE_P(
    Samples,
    Tai64nStamp,
    testing::Values(
        StampCase{"@40000000433225833b6e1a8c", "2005-09-21 23:31:05.997071500"},
        StampCase{"@40000000433225833b6e2644", "2005-09-21 23:31:05.997074500"},
        StampCase{"@40000000433225840c85ba04", "2005-09-21 23:31:06.210090500"},
        StampCase{"@40000000433225840c8f0cbc", "2005-09-21 23:31:06.210701500"},
        StampCase{"@40000000433225852a9ada4c", "2005-09-21 23:31:07.714791500"},
        StampCase{"@40000000433225852aa997bc", "2005-09-21 23:31:07.715757500"},
        StampCase{"@400000004332258538eae27c", "2005-09-21 23:31:07.954917500"},
        StampCase{"@400000004332258538eaea4c", "2005-09-21 23:31:07.954919500"}
    )
);

TEST(Tai64n, RefusesWhatIsNoStamp) {
    for (const char* text :
         {"", "@", "@4000000043322583", "40000000433225833b6e1a8c0", "@40000000433225833b6e1a8g",
          "@40000000433225833b9aca00", "@00000000433225833b6e1a8c", "@7fffffff433225833b6e1a8c",
          "@4000000000000009ffffffff"})
        EXPECT_FALSE(parse_tai64n(text)) << text;
    EXPECT_TRUE(parse_tai64n("@40000000433225833B6E1A8C")) << "either case";
}

TEST(Tai64n, WritesTheMicrosecondsOfTheWallClock) {
    const WallTime time(std::chrono::microseconds(1127359865997071));
    EXPECT_EQ(format_tai64n(instant_of(time)), "@40000000433225833b6e1898");
    EXPECT_EQ(wall_time(instant_of(time)), time);
    EXPECT_EQ(wall_time(*parse_tai64n("@40000000433225833b6e1a8c")), time) << "cut off";
}

TEST(Tai64n, LocalTimeTakesTheStampsPlaceAndNothingElse) {
    EXPECT_EQ(
        with_local_time("@40000000433225833b6e1a8c new msg 1", us_eastern_summer),
        "2005-09-21 23:31:05.997071500 new msg 1"
    );
    EXPECT_EQ(
        with_local_time("new msg @40000000433225833b6e1a8c", us_eastern_summer),
        "new msg @40000000433225833b6e1a8c"
    );
    EXPECT_EQ(with_local_time("", us_eastern_summer), "");
}

TEST(Tai64n, StreamMayBeCutAnywhere) {
    const std::string text =
        "@40000000433225833b6e1a8c new msg 1\n\nplain line\n@4000\n@40000000433225833b6e2644\n"
        "@40000000433225840c85ba04 last, without an end";
    const std::string expected =
        "2005-09-21 23:31:05.997071500 new msg 1\n\nplain line\n@4000\n"
        "2005-09-21 23:31:05.997074500\n2005-09-21 23:31:06.210090500 last, without an end";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        LocalTimeFilter filter(us_eastern_summer);
        std::string out;
        for (std::size_t at = 0; at < text.size(); at += piece)
            filter.feed(std::string_view(text).substr(at, piece), out);
        filter.finish(out);
        EXPECT_EQ(out, expected) << "in pieces of " << piece;
    }
    LocalTimeFilter filter(us_eastern_summer);
    std::string out;
    filter.feed("@40000000433225833b6e1a8c waits for nothing", out);
    EXPECT_EQ(out, "2005-09-21 23:31:05.997071500 waits for nothing");
}

}  // namespace
}  // namespace sluice::multilog
