#include "milter/filter_reply.h"

#include <gtest/gtest.h>

namespace sluice::milter {
namespace {

using namespace std::string_literals;

TEST(ReplyText, TakesCodeStatusAndLines) {
    const auto reply = parse_reply_text("554-5.7.1 no\r\n554 5.7.1 100%% sure\0"s);
    ASSERT_TRUE(reply);
    EXPECT_EQ(*reply, (ReplyText{554, {5, 7, 1}, {"no", "100% sure"}}));
}

TEST(ReplyText, StatusOfAnotherClassDoesNotCount) {
    const auto reply = parse_reply_text("450 5.1.1 later\0"s);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, (StatusCode{4, 7, 1}));
}

TEST(ReplyText, CodeAloneIsEnough) {
    const auto reply = parse_reply_text("451"s);
    ASSERT_TRUE(reply);
    EXPECT_EQ(*reply, (ReplyText{451, {4, 7, 1}, {""}}));
}

TEST(ReplyText, RefusesWhatIsNoRefusal) {
    for (const std::string& text : {"250 ok"s, "99 x"s, "abc"s, ""s, "55"s, "5500 x"s, "650 x"s})
        EXPECT_FALSE(parse_reply_text(text)) << text;
}

TEST(Change, EachPacketHasItsMeaning) {
    const auto change = [](char code, const std::string& data) {
        return parse_change(Packet{code, data});
    };
    EXPECT_EQ(change('h', "X-A\0 b\0"s), Change(AddHeader{"X-A", " b"}));
    EXPECT_EQ(change('i', "\0\0\0\x02X-A\0b\0"s), Change(InsertHeader{2, "X-A", "b"}));
    EXPECT_EQ(change('m', "\0\0\0\x01X-A\0\0"s), Change(ChangeHeader{1, "X-A", ""}));
    EXPECT_EQ(change('+', "<a@b>\0"s), Change(AddRecipient{"a@b", ""}));
    EXPECT_EQ(change('2', "<a@b>\0NOTIFY=NEVER\0"s), Change(AddRecipient{"a@b", "NOTIFY=NEVER"}));
    EXPECT_EQ(change('-', "a@b\0"s), Change(DeleteRecipient{"a@b"}));
    EXPECT_EQ(change('e', "<>\0"s), Change(ChangeSender{"", ""}));
    EXPECT_EQ(change('e', "<a@b>\0RET=HDRS\0"s), Change(ChangeSender{"a@b", "RET=HDRS"}));
    EXPECT_EQ(change('q', "strange\0"s), Change(Quarantine{"strange"}));
}

TEST(Change, MalformedOnesHaveNone) {
    for (const char code : {'h', 'i', 'm', '+', '2', '-', 'e'})
        EXPECT_FALSE(parse_change(Packet{code, ""})) << code;
    EXPECT_FALSE(parse_change(Packet{'i', "\0\0\0\x02"}));
    EXPECT_FALSE(parse_change(Packet{'+', "<>"}));
}

TEST(Agreement, MacroListsFollowTheNumbers) {
    const std::string data = "\0\0\0\6\0\0\0\1\0\0\0\0\0\0\0\2i {auth_type}\0"s;
    const auto agreement = parse_agreement(data);
    ASSERT_TRUE(agreement);
    EXPECT_EQ(agreement->version, 6U);
    EXPECT_EQ(agreement->actions, 1U);
    ASSERT_EQ(agreement->macros.size(), 1U);
    EXPECT_EQ(agreement->macros[0].first, 2U);
    EXPECT_EQ(agreement->macros[0].second, "i {auth_type}");
}

TEST(Agreement, NeedsItsThreeNumbers) {
    EXPECT_FALSE(parse_agreement("\0\0\0\6\0\0\0\1"s));
}

}  // namespace
}  // namespace sluice::milter
