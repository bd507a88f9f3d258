#include "meter/snapshot.h"

#include <gtest/gtest.h>

namespace sluice::meter {
namespace {

std::vector<SavedEntry> some_entries() {
    const WallTime now{std::chrono::hours(500000)};
    return {
        {"grey", "1.2.3.4|a@x|b@y", {Record::Kind::known, now, now, 0, {}}},
        {"notes", "end 1\n12:", {Record::Kind::value, now, now, 0, "a\nend \n"}},
        {"notes", std::string("\0\xff", 2), {Record::Kind::value, now, now, 0, {}}},
    };
}

TEST(MeterSnapshot, ReadsWhatItWrites) {
    for (const auto& entries : {some_entries(), std::vector<SavedEntry>()}) {
        const auto read = decode_snapshot(encode_snapshot(entries));
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(*read, entries);
    }
}

TEST(MeterSnapshot, RefusesWhatIsDamaged) {
    const std::string whole = encode_snapshot(some_entries());
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decode_snapshot(whole.substr(0, size)).has_value()) << size;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 4);
        EXPECT_FALSE(decode_snapshot(flipped).has_value()) << at;
    }
    EXPECT_FALSE(decode_snapshot(whole + "x").has_value());
    for (const std::string_view entries :
         {"x", "1:a1:b", "1:a1:b1:c\n", "1:a1:b8:v 1 1 0 ", "99999999999999999999:a", "-1:a"})
        EXPECT_FALSE(
            decode_snapshot(with_hash("meter tables 1\n" + std::string(entries))).has_value()
        ) << entries;
}

}  // namespace
}  // namespace sluice::meter
