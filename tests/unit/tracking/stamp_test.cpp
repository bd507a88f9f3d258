#include "tracking/stamp.h"

#include <gtest/gtest.h>

#include "vectors.h"

namespace sluice::tracking {
namespace {

const TimeZone eastern = TimeZone::fixed(std::chrono::hours(-4));

StampSettings in_zone(const TimeZone& zone) {
    return {zone, std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
}

std::string utc_of(std::string_view text, const TimeZone& zone = TimeZone()) {
    const auto stamp = take_stamp(text, in_zone(zone));
    if (!stamp) return "none";
    std::string out = show_stamp(*stamp, StampStyle::utc, zone);
    out += '|';
    return out.append(text);
}

TEST(Stamp, ReadsEveryForm) {
    EXPECT_EQ(utc_of("19-Jan-1998 19:16:57.64 x"), "1998-01-19 19:16:57.640000000|x");
    EXPECT_EQ(utc_of("19-JAN-1998 20:49:04 x", eastern), "1998-01-20 00:49:04.000000000|x");
    EXPECT_EQ(utc_of("2026-01-19T19:16:57.64"), "2026-01-19 19:16:57.640000000|");
    EXPECT_EQ(utc_of("2026-01-19T19:16:57+02:00 x"), "2026-01-19 17:16:57.000000000|x");
    EXPECT_EQ(
        utc_of("2005-09-21 23:31:05.997071500 x", eastern), "2005-09-22 03:31:05.997071000|x"
    );
    EXPECT_EQ(utc_of("@40000000433225833b6e1a8c x"), "2005-09-22 03:31:05.997071500|x");
    EXPECT_EQ(utc_of("1127359865.997071 x"), "2005-09-22 03:31:05.997071000|x");
    EXPECT_EQ(utc_of("19970226001320-0800:x"), "1997-02-26 08:13:20.000000000|x");
    EXPECT_EQ(utc_of("19971022182347-800:x"), "1997-10-23 02:23:47.000000000|x");
}

TEST(Stamp, SyslogHasTheLastYearThatIsNotAhead) {
    EXPECT_EQ(utc_of("Mar  1 10:00:00 host x"), "2026-03-01 10:00:00.000000000|host x");
    EXPECT_EQ(utc_of("Sep 21 23:31:05 host x"), "2025-09-21 23:31:05.000000000|host x");
}

TEST(Stamp, TakesNothingElse) {
    for (const char* text :
         {"x", "19-Jax-1998 19:16:57 x", "19-Jan-1998 99:16:57 x", "2005-13-21 23:31:05 x",
          "@4000000043322583", "12345 > x", "19970226001320:x", "-", " "})
        EXPECT_EQ(utc_of(text), "none") << text;
}

// tai64nlocal, in a zone four hours west of Greenwich.
TEST(Stamp, Tai64nIsShownAsTheToolShowsIt) {
    const auto labels = vector_lines("tcpserver.log");
    const auto readable = vector_lines("tcpserver_readable.log");
    ASSERT_EQ(labels.size(), readable.size());
    for (std::size_t i = 0; i < labels.size(); ++i)
        EXPECT_EQ(restamped(labels[i], StampStyle::local, in_zone(eastern)), readable[i]);
}

TEST(Stamp, Tai64nLabelOfAReadableStamp) {
    EXPECT_EQ(
        restamped("2005-09-21 23:31:05.997071 x", StampStyle::tai64n, in_zone(eastern)),
        "@40000000433225833b6e1898 x"
    );
    EXPECT_EQ(restamped("no stamp", StampStyle::local, in_zone(eastern)), "no stamp");
}

TEST(Stamp, AClockPutForwardOrBack) {
    // A zone rule cannot be had without the machine's; a fixed one must be exact everywhere.
    CivilTime shown;
    shown.year = 2026;
    shown.month = 3;
    shown.day = 29;
    shown.hour = 2;
    EXPECT_EQ(civil_time(moment_of(shown, eastern), eastern).hour, 2U);
    EXPECT_EQ(moment_of(shown, eastern) - moment_of(shown, TimeZone()), std::chrono::hours(4));
}

}  // namespace
}  // namespace sluice::tracking
