#include "rewrite/match.h"

#include <gtest/gtest.h>

namespace sluice::rewrite {
namespace {

TEST(HostParts, DividesAName) {
    const HostParts host("A.b.c");
    EXPECT_EQ(host.whole().unmatched, "A.b.c");
    EXPECT_EQ(host.whole().matched, "");
    EXPECT_EQ(host.exact().unmatched, "");
    EXPECT_EQ(host.exact().matched, "A.b.c");
    EXPECT_EQ(host.before(1).unmatched, "A");
    EXPECT_EQ(host.before(1).matched, ".b.c");
    EXPECT_EQ(host.before(1).matched_fields, "b.c");
    EXPECT_EQ(host.any().unmatched, "A.b.c");
    EXPECT_EQ(host.any().matched, ".");
    EXPECT_EQ(host.any().matched_fields, "");
}

TEST(HostParts, DividesAnIpv4Literal) {
    const HostParts host("[128.6.3.40]");
    EXPECT_TRUE(host.is_ipv4_literal());
    EXPECT_EQ(host.literal_prefix(6).literal, "3.40");
    EXPECT_EQ(host.literal_prefix(6).unmatched, "");
    EXPECT_EQ(host.literal_prefix(6).matched_fields, "128.6");
    EXPECT_EQ(host.literal_prefix(0).literal, "128.6.3.40");
    EXPECT_EQ(host.whole().unmatched, "[128.6.3.40]");
    EXPECT_EQ(host.whole().unmatched_fields, "128.6.3.40");
}

TEST(HostParts, TakesOtherLiteralsWhole) {
    const HostParts host("[IPv6:2001:db8::1]");
    EXPECT_TRUE(host.is_literal());
    EXPECT_FALSE(host.is_ipv4_literal());
    EXPECT_EQ(host.literal_prefix(0).literal, "IPv6:2001:db8::1");
    EXPECT_EQ(host.whole().unmatched_fields, "[IPv6:2001:db8::1]");
}

TEST(Field, CountsFromBothSides) {
    EXPECT_EQ(field("a.b.c", 0, false), "a");
    EXPECT_EQ(field("a.b.c", 2, false), "c");
    EXPECT_EQ(field("a.b.c", 3, false), std::nullopt);
    EXPECT_EQ(field("a.b.c", 0, true), "c");
    EXPECT_EQ(field("a.b.c", 2, true), "a");
    EXPECT_EQ(field("a.b.c", 3, true), std::nullopt);
    EXPECT_EQ(field("", 0, false), std::nullopt);
    EXPECT_EQ(field("a", 0, true), "a");
}

TEST(Field, TakesALiteralAsOnePart) {
    EXPECT_EQ(field("[IPv6:1::1.2.3.4]", 0, false), "[IPv6:1::1.2.3.4]");
    EXPECT_EQ(field("[IPv6:1::1.2.3.4]", 1, false), std::nullopt);
}

TEST(DropParts, RemovesPartsAtTheLeft) {
    EXPECT_EQ(drop_parts("host.example.com", 0), "host.example.com");
    EXPECT_EQ(drop_parts("host.example.com", 1), "example.com");
    EXPECT_EQ(drop_parts("host.example.com", 3), "");
    EXPECT_EQ(drop_parts("", 1), "");
}

TEST(DropParts, KeepsTheDotInFront) {
    EXPECT_EQ(drop_parts(".b.c", 0), ".b.c");
    EXPECT_EQ(drop_parts(".b.c", 1), ".c");
    EXPECT_EQ(drop_parts(".b.c", 2), "");
    EXPECT_EQ(drop_parts(".", 1), "");
    EXPECT_EQ(drop_parts("[1.2.3.4]", 1), "");
}

}  // namespace
}  // namespace sluice::rewrite
