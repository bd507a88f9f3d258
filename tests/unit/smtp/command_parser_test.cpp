#include "smtp/command_parser.h"

#include <gtest/gtest.h>

#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/smtp_command.h"
#include "smtp/server_action.h"

namespace sluice::smtp {
namespace {

OfferedParameters all_parameters() {
    OfferedParameters offered;
    offered.binary_mime = true;
    offered.auth = true;
    offered.smtputf8 = true;
    return offered;
}

std::string mail_text(std::string_view argument, const OfferedParameters& offered) {
    const auto parsed = parse_mail(argument, offered, {});
    if (const auto* reply = std::get_if<Reply>(&parsed)) return reply->to_text();
    return to_debug_string(server_action::AskMail{std::get<MailCommand>(parsed)});
}

std::string rcpt_text(std::string_view argument, const OfferedParameters& offered, bool smtputf8) {
    const auto parsed = parse_rcpt(argument, offered, {}, smtputf8);
    if (const auto* reply = std::get_if<Reply>(&parsed)) return reply->to_text();
    return to_debug_string(server_action::AskRecipient{std::get<RcptCommand>(parsed)});
}

TEST(SmtpCommandGrammar, HasNoProblems) {
    namespace grammar = grammar::smtp_command;
    using tao::pegtl::analyze;
    EXPECT_EQ(analyze<grammar::mail_path>(), 0U);
    EXPECT_EQ(analyze<grammar::rcpt_path>(), 0U);
    EXPECT_EQ(analyze<grammar::params>(), 0U);
    EXPECT_EQ(analyze<grammar::size_value>(), 0U);
    EXPECT_EQ(analyze<grammar::xtext_value>(), 0U);
    EXPECT_EQ(analyze<grammar::orcpt_value>(), 0U);
    EXPECT_EQ(analyze<grammar::notify_value>(), 0U);
}

struct ParseRow {
    const char* name;
    std::string argument;
    const char* expected;
};
std::string row_name(const ::testing::TestParamInfo<ParseRow>& info) {
    return info.param.name;
}

class GoodMail : public ::testing::TestWithParam<ParseRow> {};
TEST_P(GoodMail, IsUnderstood) {
    EXPECT_EQ(mail_text(GetParam().argument, all_parameters()), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Mail,
    GoodMail,
    ::testing::Values(
        ParseRow{"plain", "FROM:<a@b.example>", "AskMail <a@b.example>"},
        ParseRow{"null_sender", "FROM:<>", "AskMail <>"},
        ParseRow{"small_letters", "from:<a@b>", "AskMail <a@b>"},
        ParseRow{"blank_after_colon", "FROM: <a@b>", "AskMail <a@b>"},
        ParseRow{"trailing_blanks", "FROM:<a@b>  ", "AskMail <a@b>"},
        ParseRow{"source_route", "FROM:<@x,@y:a@b>", "AskMail <@x,@y:a@b>"},
        ParseRow{"quoted", "FROM:<\"a > b\"@c>", "AskMail <\"a > b\"@c>"},
        ParseRow{"quoted_pair", R"(FROM:<"a\"> b"@c>)", R"(AskMail <"a\"> b"@c>)"},
        ParseRow{"literal", "FROM:<a@[192.0.2.1]>", "AskMail <a@[192.0.2.1]>"},
        ParseRow{"size", "FROM:<a@b> SIZE=1000", "AskMail <a@b> SIZE=1000"},
        ParseRow{
            "size_20_digits", "FROM:<a@b> SIZE=99999999999999999999",
            "AskMail <a@b> SIZE=18446744073709551615"},
        ParseRow{"body_7bit", "FROM:<a@b> BODY=7bit", "AskMail <a@b> BODY=7BIT"},
        ParseRow{"body_8bit", "FROM:<a@b> body=8BITMIME", "AskMail <a@b> BODY=8BITMIME"},
        ParseRow{"body_binary", "FROM:<a@b> BODY=BINARYMIME", "AskMail <a@b> BODY=BINARYMIME"},
        ParseRow{
            "ret_envid", "FROM:<a@b> RET=HDRS ENVID=QQ+2B1", "AskMail <a@b> RET=HDRS ENVID=QQ+2B1"},
        ParseRow{"ret_full", "FROM:<a@b> RET=full", "AskMail <a@b> RET=FULL"},
        ParseRow{"auth", "FROM:<a@b> AUTH=a@b+3D", "AskMail <a@b> AUTH=a@b+3D"},
        ParseRow{"auth_none", "FROM:<a@b> AUTH=<>", "AskMail <a@b> AUTH=<>"},
        ParseRow{"utf8", "FROM:<j\xc3\xb6rg@b> SMTPUTF8", "AskMail <j\xc3\xb6rg@b> SMTPUTF8"},
        ParseRow{
            "utf8_domain", "FROM:<j\xc3\xb6rg@m\xc3\xbcnchen.example> SMTPUTF8",
            "AskMail <j\xc3\xb6rg@xn--mnchen-3ya.example> SMTPUTF8"}
    ),
    row_name
);

class BadMail : public ::testing::TestWithParam<ParseRow> {};
TEST_P(BadMail, IsRefused) {
    EXPECT_EQ(mail_text(GetParam().argument, all_parameters()), GetParam().expected);
}
constexpr auto bad_sender = "501 5.1.7 Syntax error in the sender's address";
INSTANTIATE_TEST_SUITE_P(
    Mail,
    BadMail,
    ::testing::Values(
        ParseRow{"empty", "", bad_sender},
        ParseRow{"no_from", "<a@b>", bad_sender},
        ParseRow{"to", "TO:<a@b>", bad_sender},
        ParseRow{"no_brackets", "FROM:a@b", bad_sender},
        ParseRow{"not_closed", "FROM:<a@b", bad_sender},
        ParseRow{"quote_not_closed", "FROM:<\"a@b>", bad_sender},
        ParseRow{"two_openings", "FROM:<<a@b>>", bad_sender},
        ParseRow{"domain", "FROM:<a@b..c>", bad_sender},
        ParseRow{"literal", "FROM:<a@[300.0.0.1]>", bad_sender},
        ParseRow{"control_in_local_part", "FROM:<a\x7f@b>", bad_sender},
        ParseRow{"long_local_part", "FROM:<" + std::string(65, 'x') + "@b>", bad_sender},
        ParseRow{"blank_inside", "FROM:<a b@c>", bad_sender},
        ParseRow{
            "no_blank_before_parameter", "FROM:<a@b>SIZE=1",
            "501 5.5.2 Syntax error in parameters or arguments"},
        ParseRow{
            "text_behind", "FROM:<a@b> (comment)",
            "501 5.5.2 Syntax error in parameters or arguments"},
        ParseRow{
            "second_path", "FROM:<a@b> <c@d>", "501 5.5.2 Syntax error in parameters or arguments"},
        ParseRow{"unknown", "FROM:<a@b> FOO=1", "555 5.5.4 Unsupported parameter: FOO"},
        ParseRow{
            "rcpt_parameter", "FROM:<a@b> NOTIFY=NEVER", "555 5.5.4 Unsupported parameter: NOTIFY"},
        ParseRow{"size_text", "FROM:<a@b> SIZE=x", "501 5.5.4 Bad value of parameter SIZE"},
        ParseRow{"size_negative", "FROM:<a@b> SIZE=-1", "501 5.5.4 Bad value of parameter SIZE"},
        ParseRow{
            "size_21_digits", "FROM:<a@b> SIZE=100000000000000000000",
            "501 5.5.4 Bad value of parameter SIZE"},
        ParseRow{"size_bare", "FROM:<a@b> SIZE", "501 5.5.4 Bad value of parameter SIZE"},
        ParseRow{"size_twice", "FROM:<a@b> SIZE=1 size=1", "501 5.5.4 Bad value of parameter size"},
        ParseRow{"body", "FROM:<a@b> BODY=9BIT", "501 5.5.4 Bad value of parameter BODY"},
        ParseRow{"ret", "FROM:<a@b> RET=SOME", "501 5.5.4 Bad value of parameter RET"},
        ParseRow{"envid_empty", "FROM:<a@b> ENVID", "501 5.5.4 Bad value of parameter ENVID"},
        ParseRow{"envid_bad_hex", "FROM:<a@b> ENVID=a+2", "501 5.5.4 Bad value of parameter ENVID"},
        ParseRow{
            "envid_small_hex", "FROM:<a@b> ENVID=a+2b", "501 5.5.4 Bad value of parameter ENVID"},
        ParseRow{
            "envid_long", "FROM:<a@b> ENVID=" + std::string(101, 'x'),
            "501 5.5.4 Bad value of parameter ENVID"},
        ParseRow{
            "smtputf8_value", "FROM:<a@b> SMTPUTF8=1", "501 5.5.4 Bad value of parameter SMTPUTF8"},
        ParseRow{"utf8_not_announced", "FROM:<j\xc3\xb6rg@b>", "553 5.6.7 Address needs SMTPUTF8"},
        ParseRow{"not_utf8", "FROM:<j\xf6rg@b> SMTPUTF8", bad_sender},
        ParseRow{"overlong_utf8", "FROM:<\xc0\xaf@b> SMTPUTF8", bad_sender},
        ParseRow{"surrogate", "FROM:<\xed\xa0\x80@b> SMTPUTF8", bad_sender},
        ParseRow{"above_unicode", "FROM:<\xf4\x90\x80\x80@b> SMTPUTF8", bad_sender}
    ),
    row_name
);

TEST(MailParameters, AreUnknownWhenNotOffered) {
    OfferedParameters none;
    none.size = none.eight_bit_mime = none.dsn = false;
    for (const std::string word :
         {"SIZE=1", "BODY=7BIT", "RET=FULL", "ENVID=x", "AUTH=<>", "SMTPUTF8"})
        EXPECT_EQ(
            mail_text("FROM:<a@b> " + word, none).substr(0, 34),
            "555 5.5.4 Unsupported parameter: " + word.substr(0, 1)
        );
    EXPECT_EQ(
        mail_text("FROM:<a@b> BODY=BINARYMIME", OfferedParameters()),
        "501 5.5.4 Bad value of parameter BODY"
    );
}

class GoodRcpt : public ::testing::TestWithParam<ParseRow> {};
TEST_P(GoodRcpt, IsUnderstood) {
    EXPECT_EQ(rcpt_text(GetParam().argument, all_parameters(), true), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Rcpt,
    GoodRcpt,
    ::testing::Values(
        ParseRow{"plain", "TO:<a@b>", "AskRecipient <a@b>"},
        ParseRow{"postmaster", "TO:<Postmaster>", "AskRecipient <Postmaster>"},
        ParseRow{"never", "TO:<a@b> NOTIFY=NEVER", "AskRecipient <a@b> NOTIFY=NEVER"},
        ParseRow{
            "list", "TO:<a@b> NOTIFY=delay,Success,FAILURE",
            "AskRecipient <a@b> NOTIFY=SUCCESS,FAILURE,DELAY"},
        ParseRow{
            "orcpt", "TO:<a@b> ORCPT=rfc822;c+2Bd@e", "AskRecipient <a@b> ORCPT=rfc822;c+2Bd@e"},
        ParseRow{
            "orcpt_utf8", "TO:<a@b> ORCPT=utf-8;j\\x{F6}rg@e",
            "AskRecipient <a@b> ORCPT=utf-8;j\\x{F6}rg@e"},
        ParseRow{
            "orcpt_raw_utf8", "TO:<a@b> ORCPT=utf-8;j\xc3\xb6rg@e",
            "AskRecipient <a@b> ORCPT=utf-8;j\xc3\xb6rg@e"},
        ParseRow{
            "both", "TO:<a@b> NOTIFY=FAILURE ORCPT=rfc822;x",
            "AskRecipient <a@b> NOTIFY=FAILURE ORCPT=rfc822;x"}
    ),
    row_name
);

class BadRcpt : public ::testing::TestWithParam<ParseRow> {};
TEST_P(BadRcpt, IsRefused) {
    EXPECT_EQ(rcpt_text(GetParam().argument, all_parameters(), false), GetParam().expected);
}
constexpr auto bad_recipient = "501 5.1.3 Syntax error in the recipient's address";
INSTANTIATE_TEST_SUITE_P(
    Rcpt,
    BadRcpt,
    ::testing::Values(
        ParseRow{"domain", "TO:<a@-b>", bad_recipient},
        ParseRow{"long", "TO:<a@" + std::string(256, 'x') + ">", bad_recipient},
        ParseRow{"empty_path", "TO:<>", bad_recipient},
        ParseRow{"no_brackets", "TO:a@b", bad_recipient},
        ParseRow{"from", "FROM:<a@b>", bad_recipient},
        ParseRow{"unknown", "TO:<a@b> SIZE=1", "555 5.5.4 Unsupported parameter: SIZE"},
        ParseRow{
            "never_and_more", "TO:<a@b> NOTIFY=NEVER,DELAY",
            "501 5.5.4 Bad value of parameter NOTIFY"},
        ParseRow{"notify_empty", "TO:<a@b> NOTIFY", "501 5.5.4 Bad value of parameter NOTIFY"},
        ParseRow{
            "notify_comma", "TO:<a@b> NOTIFY=DELAY,", "501 5.5.4 Bad value of parameter NOTIFY"},
        ParseRow{
            "notify_word", "TO:<a@b> NOTIFY=ALWAYS", "501 5.5.4 Bad value of parameter NOTIFY"},
        ParseRow{"orcpt_no_type", "TO:<a@b> ORCPT=c@d", "501 5.5.4 Bad value of parameter ORCPT"},
        ParseRow{
            "orcpt_no_address", "TO:<a@b> ORCPT=rfc822;", "501 5.5.4 Bad value of parameter ORCPT"},
        ParseRow{
            "orcpt_long", "TO:<a@b> ORCPT=rfc822;" + std::string(500, 'x'),
            "501 5.5.4 Bad value of parameter ORCPT"},
        ParseRow{
            "orcpt_twice", "TO:<a@b> ORCPT=x;y ORCPT=x;y",
            "501 5.5.4 Bad value of parameter ORCPT"},
        ParseRow{"eight_bit", "TO:<j\xc3\xb6rg@b>", "553 5.6.7 Address needs SMTPUTF8"}
    ),
    row_name
);

TEST(MailCommand, CarriesTheParsedAddress) {
    const auto parsed = parse_mail("FROM:<@x,@y:\"a\"@B>", OfferedParameters(), {});
    const auto& mail = std::get<MailCommand>(parsed);
    EXPECT_EQ(mail.path, "@x,@y:\"a\"@B");
    EXPECT_EQ(mail.address.route.size(), 2U);
    EXPECT_EQ(mail.address.mailbox.text(), "a@B");
}

TEST(Xtext, IsDecodedAndEncoded) {
    EXPECT_EQ(decode_xtext("a+2Bb+3D"), "a+b=");
    EXPECT_EQ(decode_xtext("a+2"), std::nullopt);
    EXPECT_EQ(decode_xtext("a b"), std::nullopt);
    EXPECT_EQ(decode_xtext(""), "");
    EXPECT_EQ(encode_xtext("a+b= \xff"), "a+2Bb+3D+20+FF");
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(decode_xtext(encode_xtext(all)), all);
}

TEST(CommandLine, IsCutAtTheFirstBlank) {
    EXPECT_EQ(split_command("MAIL  FROM:<a b> ").verb, "MAIL");
    EXPECT_EQ(split_command("MAIL  FROM:<a b> ").argument, "FROM:<a b>");
    EXPECT_EQ(split_command("").verb, "");
    EXPECT_EQ(split_command(" NOOP").verb, "");
}

}  // namespace
}  // namespace sluice::smtp
