#include "meter/record.h"

#include <gtest/gtest.h>

namespace sluice::meter {
namespace {

constexpr WallTime time(std::int64_t microseconds) {
    return WallTime(std::chrono::microseconds(microseconds));
}

TEST(MeterRecord, ReadsWhatItWrites) {
    const Record records[] = {
        {},
        {Record::Kind::window, time(1), time(60'000'001), 17, {}},
        {Record::Kind::waiting, time(5), time(6), 0, {}},
        {Record::Kind::known, time(1LL << 52), time(1LL << 53), 0, {}},
        {Record::Kind::value, time(9), time(9), 0, std::string("a b\0,\n$", 7)},
        {Record::Kind::value, time(9), time(9), 0, std::string(longest_value, 'x')},
    };
    for (const Record& record : records) EXPECT_EQ(decode(encode(record)), record);
    EXPECT_EQ(encode(records[1]), "w 1 60000001 17 ");
}

TEST(MeterRecord, ReadsNothingElse) {
    for (const std::string_view octets :
         {"", "w", "w 1 2 3", "x 1 2 3 ", "ww 1 2 3 ", "w  2 3 ", "w -1 2 3 ", "w 01 2 3 ",
          "w 1 2 99999999999999999999 ", "w 9999999999999999999 2 3 ", " w 1 2 3 "})
        EXPECT_EQ(decode(octets), std::nullopt) << octets;
    EXPECT_EQ(decode("v 1 1 0 " + std::string(longest_value + 1, 'x')), std::nullopt);
}

}  // namespace
}  // namespace sluice::meter
