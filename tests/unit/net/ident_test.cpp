#include "net/ident.h"

#include <gtest/gtest.h>

namespace sluice::net {
namespace {

const Endpoint local{*IpAddress::parse("206.184.139.12"), 25};
const Endpoint remote{*IpAddress::parse("192.160.253.66"), 1244};

TEST(IdentQuestion, NamesThePortOfTheAskedSystemFirst) {
    EXPECT_EQ(ident_question(local, remote), "1244 , 25\r\n");
}

struct Reply {
    const char* name;
    std::string text;
    std::optional<std::string> user;
};

class IdentReply : public testing::TestWithParam<Reply> {};

TEST_P(IdentReply, IsUnderstood) {
    EXPECT_EQ(parse_ident_reply(GetParam().text, local, remote), GetParam().user);
}

INSTANTIATE_TEST_SUITE_P(
    Good,
    IdentReply,
    testing::Values(
        Reply{"unix", "1244, 25 : USERID : UNIX : service\r\n", "service"},
        Reply{"no_blanks", "1244,25:USERID:OTHER:a b\n", "a b"},
        Reply{"charset", "1244 , 25 : USERID : UNIX , US-ASCII :x\r\n", "x"},
        Reply{"colon_in_user", "1244, 25 : USERID : OTHER : a:b\r\n", "a:b"},
        Reply{"no_line_end", "1244, 25 : userid : UNIX : adam", "adam"},
        Reply{"controls", "1244, 25 : USERID : UNIX : ad\x1B[1m\tam\r\n", "ad[1mam"},
        Reply{"long", "1244, 25 : USERID : UNIX : " + std::string(600, 'u'), std::string(64, 'u')},
        Reply{
            "second_line_does_not_count", "1244, 25 : USERID : UNIX : a\r\n1244, 25 : ERROR : x",
            "a"}
    ),
    [](const auto& row) { return row.param.name; }
);

INSTANTIATE_TEST_SUITE_P(
    Bad,
    IdentReply,
    testing::Values(
        Reply{"empty", "", std::nullopt},
        Reply{"error", "1244, 25 : ERROR : NO-USER\r\n", std::nullopt},
        Reply{"other_ports", "1245, 25 : USERID : UNIX : service\r\n", std::nullopt},
        Reply{"ports_swapped", "25, 1244 : USERID : UNIX : service\r\n", std::nullopt},
        Reply{"no_user", "1244, 25 : USERID : UNIX :  \r\n", std::nullopt},
        Reply{"no_system", "1244, 25 : USERID\r\n", std::nullopt},
        Reply{"nonsense", "220 smtp.example ESMTP\r\n", std::nullopt},
        Reply{"huge_port", "99999999999999999999, 25 : USERID : UNIX : a\r\n", std::nullopt}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace
}  // namespace sluice::net
