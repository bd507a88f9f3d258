#include "access/reply.h"

#include <gtest/gtest.h>

namespace sluice::access {
namespace {

constexpr StatusCode refused{5, 7, 1};

TEST(Reply, FitsOneLineByCuttingTheText) {
    const auto reply = make_reply(550, refused, std::string(600, 'x'), "bob@example.com");
    ASSERT_EQ(reply.lines.size(), 1U);
    EXPECT_EQ(reply.to_wire().size(), reply_line_limit);
    EXPECT_TRUE(reply.lines[0].ends_with("x: bob@example.com"));
}

TEST(Reply, CutsNoCharacterInTwo) {
    std::string text = "y";
    for (int i = 0; i < 400; ++i) text += "\xc3\xa9";
    const auto reply = make_reply(550, refused, text, "b@c.example");
    EXPECT_LE(reply.to_wire().size(), reply_line_limit);
    EXPECT_TRUE(reply.lines[0].ends_with("\xc3\xa9: b@c.example"));
}

TEST(Reply, KeepsTheLimitForAddressesWithoutEnd) {
    const auto reply = make_reply(550, refused, "text", std::string(5000, 'a'));
    EXPECT_EQ(reply.to_wire().size(), reply_line_limit);
}

TEST(Reply, ControlCharactersCannotBeginALineOfTheirOwn) {
    EXPECT_EQ(
        make_reply(550, refused, "a\r\n250 ok", "x\n@y").to_wire(), "550 5.7.1 a  250 ok: x @y\r\n"
    );
    EXPECT_EQ(make_connection_reply("554 a\r\nb").to_wire(), "554 a  b\r\n");
}

TEST(ConnectionReply, NumbersItsLines) {
    EXPECT_EQ(
        make_connection_reply("554-5.7.1 First~554-Second~~Last").to_wire(),
        "554-5.7.1 First\r\n554-Second\r\n554-\r\n554 Last\r\n"
    );
    EXPECT_EQ(make_connection_reply("554").to_wire(), "554\r\n");
    EXPECT_EQ(make_connection_reply("").to_wire(), "500 5.7.1 Access denied\r\n");
    EXPECT_EQ(make_connection_reply("55 no code").to_wire(), "500 5.7.1 55 no code\r\n");
    EXPECT_EQ(make_connection_reply("").code, 500);
}

}  // namespace
}  // namespace sluice::access
