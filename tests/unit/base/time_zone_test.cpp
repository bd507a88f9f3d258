#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace sluice {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::seconds;

WallTime at(std::int64_t unix_seconds) {
    return WallTime(seconds(unix_seconds));
}

TEST(TimeZone, KnowsItsName) {
    EXPECT_EQ(TimeZone().name_at(at(0)), "UTC");
    EXPECT_EQ(TimeZone::fixed(hours(-6)).name_at(at(0)), "");
    ::setenv("TZ", "PST8PDT", 1);
    ::tzset();
    EXPECT_EQ(TimeZone::system().name_at(at(919971420)), "PST");
    EXPECT_EQ(TimeZone::system().name_at(at(930971420)), "PDT");
    ::unsetenv("TZ");
    ::tzset();
}

TEST(TimeZone, FixedOffsetMovesTheDate) {
    // 1998-01-20 00:30:00 UTC is still the 19th six hours further west.
    const CivilTime local =
        civil_time(at(885256200) + microseconds(640001), TimeZone::fixed(hours(-6)));
    EXPECT_EQ(local.year, 1998);
    EXPECT_EQ(local.month, 1U);
    EXPECT_EQ(local.day, 19U);
    EXPECT_EQ(local.weekday, 1U);
    EXPECT_EQ(local.hour, 18U);
    EXPECT_EQ(local.minute, 30U);
    EXPECT_EQ(local.second, 0U);
    EXPECT_EQ(local.microsecond, 640001U);
    EXPECT_EQ(local.offset, hours(-6));
}

TEST(TimeZone, TimesBefore1970KeepPositiveFields) {
    const CivilTime local = civil_time(at(0) - microseconds(1), TimeZone());
    EXPECT_EQ(local.year, 1969);
    EXPECT_EQ(local.month, 12U);
    EXPECT_EQ(local.day, 31U);
    EXPECT_EQ(local.hour, 23U);
    EXPECT_EQ(local.second, 59U);
    EXPECT_EQ(local.microsecond, 999999U);
}

TEST(TimeZone, SystemZoneFollowsDaylightSaving) {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
    EXPECT_EQ(TimeZone::system().offset_at(at(1768780800)), hours(1));  // January 2026
    EXPECT_EQ(TimeZone::system().offset_at(at(1784419200)), hours(2));  // July 2026
    ::unsetenv("TZ");
    ::tzset();
}

}  // namespace
}  // namespace sluice
