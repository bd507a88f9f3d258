#include "alias/address_key.h"

#include <gtest/gtest.h>

namespace sluice::alias {
namespace {

TEST(AddressKey, SplitsAtTheFirstSeparatorAfterAUser) {
    EXPECT_EQ(split_local_part("amy+a+b", '+').user, "amy");
    EXPECT_EQ(split_local_part("amy+a+b", '+').detail, "a+b");
    EXPECT_EQ(split_local_part("amy", '+').detail, std::nullopt);
    EXPECT_EQ(split_local_part("amy+", '+').detail, "");
    EXPECT_EQ(split_local_part("+amy", '+').detail, std::nullopt);
    EXPECT_EQ(split_local_part("amy-x", '-').user, "amy");
    EXPECT_EQ(split_local_part("", '+').user, "");
}

TEST(AddressKey, SplitsInsideQuotesToo) {
    EXPECT_EQ(split_local_part("\"amy+x y\"", '+').user, "amy");
    EXPECT_EQ(split_local_part("\"amy+x y\"", '+').detail, "x y");
    EXPECT_EQ(split_local_part("\"amy smith+x\"", '+').user, "\"amy smith\"");
}

TEST(AddressKey, DropsOnlyQuotesThatAreNotNeeded) {
    EXPECT_EQ(normal_key("\"amy\"@Example.COM"), "amy@Example.COM");
    EXPECT_EQ(normal_key("\"amy smith\"@x"), "\"amy smith\"@x");
    // Unquoted it would be the address of another domain.
    EXPECT_EQ(normal_key("\"amy@other.example\""), "\"amy@other.example\"");
    EXPECT_EQ(normal_key("\"\""), "\"\"");
}

TEST(AddressKey, DetailIsAddedOnlyWhereThereIsNone) {
    EXPECT_EQ(with_detail("amy@x.example", "lists", '+'), "amy+lists@x.example");
    EXPECT_EQ(with_detail("amy", "lists", '+'), "amy+lists");
    EXPECT_EQ(with_detail("amy+own@x.example", "lists", '+'), "amy+own@x.example");
    EXPECT_EQ(with_detail("amy@x.example", "", '+'), "amy@x.example");
    EXPECT_EQ(with_detail("amy@x.example", "a b", '+'), "\"amy+a b\"@x.example");
}

}  // namespace
}  // namespace sluice::alias
