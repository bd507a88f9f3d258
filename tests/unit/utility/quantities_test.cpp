#include "utility/quantities.h"

#include <gtest/gtest.h>

namespace sluice::utility {
namespace {

using std::chrono::seconds;

TEST(Age, TakesANumberAndAUnit) {
    EXPECT_EQ(parse_age("90s"), seconds(90));
    EXPECT_EQ(parse_age("15m"), seconds(900));
    EXPECT_EQ(parse_age("4h"), seconds(14400));
    EXPECT_EQ(parse_age("3d"), seconds(259200));
    EXPECT_EQ(parse_age("2W"), seconds(1209600));
    for (const char* bad : {"", "s", "90", "-1s", "1.5h", "4 h", "4y", "99999999999999999d"}) {
        EXPECT_EQ(parse_age(bad), std::nullopt) << bad;
    }
}

TEST(Moment, IsAnAgeOrAnInstant) {
    const WallTime now(seconds(1772446267));  // 2026-03-02T10:11:07Z
    EXPECT_EQ(parse_moment("1h", now), now - seconds(3600));
    EXPECT_EQ(parse_moment("2026-03-02T10:11:07Z", {}), now);
    EXPECT_EQ(parse_moment("2026-03-02t11:11:07+01:00", {}), now);
    EXPECT_EQ(
        parse_moment("2026-03-02T02:11:07.25-08:00", {}), now + std::chrono::milliseconds(250)
    );
    for (const char* bad :
         {"2026-03-02", "2026-02-30T10:11:07Z", "2026-03-02T10:11:07", "2026-03-02T24:11:07Z",
          "2026-03-02T10:11:07.Z", "2026-03-02T10:11:07Zx", "26-03-02T10:11:07Z", "now"}) {
        EXPECT_EQ(parse_moment(bad, now), std::nullopt) << bad;
    }
}

TEST(Size, TakesPowersOf1024) {
    EXPECT_EQ(parse_size("700"), 700U);
    EXPECT_EQ(parse_size("10k"), 10240U);
    EXPECT_EQ(parse_size("2M"), 2097152U);
    EXPECT_EQ(parse_size("1g"), 1073741824U);
    for (const char* bad : {"", "k", "-1", "1.5k", "1t", "18446744073709551615k"}) {
        EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
    }
}

TEST(IdList, TakesNumbersAndRanges) {
    using Ids = std::vector<std::size_t>;
    EXPECT_EQ(parse_id_list("7"), Ids({7}));
    EXPECT_EQ(parse_id_list("1,3,20-22"), Ids({1, 3, 20, 21, 22}));
    EXPECT_EQ(parse_id_list("3,1,2-3"), Ids({1, 2, 3}));
    EXPECT_EQ(parse_id_list("5-5"), Ids({5}));
    for (const char* bad :
         {"", ",", "1,", "0", "0-2", "5-3", "1-", "-3", "a", "1 2", "1-2-3", "1-2000000",
          "18446744073709551615", "18446744073709551614-18446744073709551615"}) {
        EXPECT_EQ(parse_id_list(bad), std::nullopt) << bad;
    }
}

}  // namespace
}  // namespace sluice::utility
