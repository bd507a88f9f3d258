#include "utility/json_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::utility {
namespace {

TEST(JsonLine, KeepsTheOrderOfItsMembers) {
    JsonLine inner;
    inner.add("b", 1);
    const std::vector<std::string> list{"x", "y\"z"};
    JsonLine json;
    json.add("text", "a\"b").add("yes", true).add("negative", std::int64_t{-5});
    json.add("large", std::uint64_t{18446744073709551615ULL}).add_null("none");
    json.add("list", std::span<const std::string>(list)).add("inner", inner);
    EXPECT_EQ(
        json.to_string(),
        R"({"text":"a\"b","yes":true,"negative":-5,"large":18446744073709551615,"none":null,)"
        R"("list":["x","y\"z"],"inner":{"b":1}})"
    );
    EXPECT_EQ(JsonLine().to_string(), "{}");
}

TEST(JsonLine, ForeignTextIsPrintableFirst) {
    JsonLine json;
    json.add("subject", std::string("\x1b\xFF\\\n", 4));
    EXPECT_EQ(json.to_string(), R"({"subject":"\\x1b\\xff\\\\\\x0a"})");
}

TEST(JsonLine, TimesAreUtcWithMilliseconds) {
    using namespace std::chrono;
    const WallTime time =
        sys_days{2026y / March / 2} + hours(10) + minutes(11) + seconds(7) + microseconds(204999);
    EXPECT_EQ(rfc3339(time), "2026-03-02T10:11:07.204Z");
    EXPECT_EQ(JsonLine().add("at", time).to_string(), R"({"at":"2026-03-02T10:11:07.204Z"})");
}

}  // namespace
}  // namespace sluice::utility
