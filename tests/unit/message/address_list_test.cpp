#include "message/address_list.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace sluice::message {
namespace {

/// "address [spelling] {phrase}" for each address, or "-" for what is no list.
std::string shown(std::string_view value) {
    const auto list = parse_address_list(value);
    if (!list) return "-";
    std::string out;
    for (const ListedAddress& one : list->addresses) {
        if (!out.empty()) out += "; ";
        out += one.address;
        for (const Span& piece : one.spelling) out += " [" + std::string(piece.in(value)) + ']';
        for (const Span& piece : one.phrase) out += " {" + std::string(piece.in(value)) + '}';
    }
    return printable(out);
}

struct Row {
    const char* value;
    const char* expected;
};

class AddressListForms : public testing::TestWithParam<Row> {};

TEST_P(AddressListForms, FindsAddressesWhereTheyStand) {
    EXPECT_EQ(shown(GetParam().value), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Good,
    AddressListForms,
    testing::Values(
        Row{" adam@example.com", "adam@example.com [adam@example.com]"},
        Row{" Adam <adam@example.com>", "adam@example.com [adam@example.com] {Adam}"},
        Row{" \"A. Adam, Jr\" <adam@example.com>",
            "adam@example.com [adam@example.com] {\"A. Adam, Jr\"}"},
        Row{"a@b,c@d", "a@b [a@b]; c@d [c@d]"},
        Row{" a@b,\r\n\tC <c@d>", "a@b [a@b]; c@d [c@d] {C}"},
        Row{" a@b, , ,c@d,", "a@b [a@b]; c@d [c@d]"},
        Row{" John (Q) Smith <j@x>", "j@x [j@x] {John} {Smith}"},
        Row{" j . smith @ x . example", "j.smith@x.example [j . smith @ x . example]"},
        Row{" joe(at home)@example.com", "joe@example.com [joe] [@example.com]"},
        Row{" <@a,@b:joe@c>", "@a,@b:joe@c [@a,@b:joe@c]"},
        Row{" <>", ""},
        Row{" root", "root [root]"},
        Row{" \"a b\"@x", "\"a b\"@x [\"a b\"@x]"},
        Row{" u@[192.0.2.1]", "u@[192.0.2.1] [u@[192.0.2.1]]"},
        Row{" u@[IPv6:2001:db8::1]", "u@[IPv6:2001:db8::1] [u@[IPv6:2001:db8::1]]"},
        Row{" Staff: a@b, C <c@d>;", "a@b [a@b]; c@d [c@d] {C}"},
        Row{" undisclosed-recipients:;", ""},
        Row{" One: a@b;, Two: c@d;, e@f", "a@b [a@b]; c@d [c@d]; e@f [e@f]"},
        Row{" =?utf-8?Q?J=C3=B6rg?= <j@x>", "j@x [j@x] {=?utf-8?Q?J=C3=B6rg?=}"},
        Row{" J\xc3\xb6rg <j\xc3\xb6rg@x>", "j\xc3\xb6rg@x [j\xc3\xb6rg@x] {J\xc3\xb6rg}"},
        Row{" joe@home <joe@example.com>", "joe@example.com [joe@example.com] {joe@home}"},
        Row{" host!user", "host!user [host!user]"},
        Row{" user%host@relay", "user%host@relay [user%host@relay]"},
        Row{" double..dot.@example.com", "double..dot.@example.com [double..dot.@example.com]"},
        Row{"", ""},
        Row{" (nobody)", ""},
        Row{" J. R. Hacker <j@x> (the (inner) one)", "j@x [j@x] {J. R. Hacker}"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Broken,
    AddressListForms,
    testing::Values(
        Row{" John Smith", "-"},
        Row{" a@b c@d", "-"},
        Row{" a@b; c@d", "-"},
        Row{" <a@b> <c@d>", "-"},
        Row{" <a@b", "-"},
        Row{" a@b>", "-"},
        Row{" \"open <a@b>", "-"},
        Row{" (open a@b", "-"},
        Row{" a@", "-"},
        Row{" a@b@c", "-"},
        Row{" @a:b@c", "-"},
        Row{" <mailto:a@b>", "-"},
        Row{" Group: a@b", "-"},
        Row{" Group: Inner: a@b;;", "-"},
        Row{" a\\b@c", "-"},
        Row{" a\x01@b", "-"}
    )
);

TEST(AddressList, NullPathHasAnEntryButNoSpelling) {
    const auto list = parse_address_list(" <>");
    ASSERT_TRUE(list);
    ASSERT_EQ(list->addresses.size(), 1U);
    EXPECT_TRUE(list->addresses[0].address.empty());
    EXPECT_TRUE(list->addresses[0].spelling.empty());
}

TEST(AddressList, CommentsBelongToTheirAddress) {
    const auto list = parse_address_list("(a)x@y (b), z@w (c)");
    ASSERT_TRUE(list);
    ASSERT_EQ(list->comments.size(), 3U);
    EXPECT_EQ(list->comments[0].address, 0U);
    EXPECT_EQ(list->comments[1].address, 0U);
    EXPECT_EQ(list->comments[2].address, 1U);
}

TEST(AddressList, CommasInsideGroupsSeparateNothing) {
    const auto list = parse_address_list("G: a@b, c@d;, e@f");
    ASSERT_TRUE(list);
    EXPECT_TRUE(list->has_groups);
    ASSERT_EQ(list->separators.size(), 1U);
    EXPECT_EQ(list->separators[0], 12U);
}

TEST(AddressList, DeepCommentsCostNoStack) {
    const std::string deep = std::string(100000, '(') + std::string(100000, ')') + " a@b";
    EXPECT_EQ(parse_address_list(deep)->addresses.size(), 1U);
}

TEST(AddressDirection, KnowsWhereFieldsPoint) {
    EXPECT_EQ(address_direction("to"), AddressDirection::forward);
    EXPECT_EQ(address_direction("RESENT-CC"), AddressDirection::forward);
    EXPECT_EQ(address_direction("Reply-To"), AddressDirection::backward);
    EXPECT_EQ(address_direction("Errors-To"), AddressDirection::backward);
    EXPECT_FALSE(address_direction("Received"));
    EXPECT_FALSE(address_direction("Message-ID"));
    EXPECT_FALSE(address_direction("Subject"));
}

TEST(SpanEdits, ReplacesInPlaceAndKeepsTheRest) {
    SpanEdits edits;
    edits.replace({6, 1}, "Z");
    edits.replace({0, 2}, "");
    EXPECT_EQ(edits.apply("abcdefgh"), "cdefZh");
}

TEST(SpanEdits, LaterOfTwoThatOverlapLosesTheSharedPart) {
    SpanEdits edits;
    edits.replace({0, 4}, "");
    edits.replace({3, 2}, "");
    EXPECT_EQ(edits.apply("abcdefgh"), "fgh");
}

}  // namespace
}  // namespace sluice::message
