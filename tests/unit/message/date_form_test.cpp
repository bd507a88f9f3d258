#include "message/date_form.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

using namespace std::chrono_literals;

struct Case {
    const char* text;
    WallTime::duration since_midnight;
};

class Instant : public testing::TestWithParam<Case> {};

TEST_P(Instant, IsReadInAllForms) {
    const WallTime midnight =
        std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / 21);
    EXPECT_EQ(instant_of_date(GetParam().text), midnight + GetParam().since_midnight);
}

INSTANTIATE_TEST_SUITE_P(
    Dates,
    Instant,
    testing::Values(
        Case{"Sat, 21 Nov 2026 19:16:57 +0000", 19h + 16min + 57s},
        Case{"21 Nov 2026 19:16 -0800", 27h + 16min},
        Case{"21 Nov 26 09:16:57 +0530", 3h + 46min + 57s},
        Case{" Sat , 21  nov 2026\r\n 00:00:00 GMT", 0s},
        Case{"21 Nov 2026 12:00:00 EST", 17h},
        Case{"21 Nov 2026 12:00:00 PDT", 19h},
        Case{"21 Nov 2026 12:00:00", 12h},
        Case{"21 Nov 2026 12:00:00 Q", 12h},
        Case{"21 Nov 2026 23:59:60 +0000", 23h + 59min + 59s}
    )
);

TEST(InstantOfDate, NonsenseIsNone) {
    for (const char* text :
         {"", "tomorrow", "21 Nov 2026", "21 Nov 2026 25:00", "21 Nov 2026 1:00",
          "31 Feb 2026 10:00", "21 Nov 2026 10:60", "21 Nov 2026 10:00:00:00", "0 Nov 2026 10:00",
          "21 Nov 2026 10:00:61", "21 Nov 2026 -1:00"})
        EXPECT_EQ(instant_of_date(text), std::nullopt) << text;
}

}  // namespace
}  // namespace sluice::message
