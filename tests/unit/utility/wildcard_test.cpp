#include "utility/wildcard.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::utility {
namespace {

TEST(Wildcard, CoversTheWholeText) {
    EXPECT_TRUE(matches_wildcard("tcp_*", "tcp_local"));
    EXPECT_TRUE(matches_wildcard("TCP_*", "tcp_"));
    EXPECT_TRUE(matches_wildcard("*", ""));
    EXPECT_TRUE(matches_wildcard("*@*.example", "a@b.example"));
    EXPECT_TRUE(matches_wildcard("a?c", "abc"));
    EXPECT_TRUE(matches_wildcard("a%c", "a%c"));
    EXPECT_TRUE(matches_wildcard("*ab*ab", "abxabab"));
    EXPECT_FALSE(matches_wildcard("tcp_*", "xtcp_local"));
    EXPECT_FALSE(matches_wildcard("a?c", "ac"));
    EXPECT_FALSE(matches_wildcard("", "a"));
    EXPECT_FALSE(matches_wildcard("abc", "abcd"));
}

TEST(Wildcard, ManyStarsCostNoMoreThanTheProductOfTheLengths) {
    std::string pattern;
    for (int i = 0; i < 200; ++i) pattern += "*a";
    EXPECT_FALSE(matches_wildcard(pattern + "b", std::string(20000, 'a')));
}

TEST(ContainsIgnoringCase, FindsParts) {
    EXPECT_TRUE(contains_ignoring_case("Cheap Watches", "cheap"));
    EXPECT_TRUE(contains_ignoring_case("x", ""));
    EXPECT_FALSE(contains_ignoring_case("", "x"));
}

}  // namespace
}  // namespace sluice::utility
