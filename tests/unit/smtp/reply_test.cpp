#include "smtp/reply.h"

#include <gtest/gtest.h>

#include "smtp/standard_replies.h"

namespace sluice::smtp {
namespace {

std::string wire(const Reply& reply, bool keep_utf8 = false) {
    std::string out;
    reply.append_to(out, keep_utf8);
    return out;
}

TEST(Reply, RendersCodeStatusAndText) {
    EXPECT_EQ(wire(Reply(250, {2, 1, 5}, "a@b OK.")), "250 2.1.5 a@b OK.\r\n");
    EXPECT_EQ(wire(Reply(354, "Go")), "354 Go\r\n");
    EXPECT_EQ(wire(Reply(250, "")), "250 \r\n");
}

TEST(Reply, RendersEveryLineWithTheStatus) {
    const Reply reply(550, {5, 1, 1}, std::vector<std::string>{"one", "two"});
    EXPECT_EQ(wire(reply), "550-5.1.1 one\r\n550 5.1.1 two\r\n");
    EXPECT_EQ(reply.to_text(), "550 5.1.1 one two");
}

TEST(Reply, WithoutLinesIsOneEmptyLine) {
    Reply reply;
    reply.code = 250;
    EXPECT_EQ(wire(reply), "250 \r\n");
}

TEST(Reply, NeverLetsALineEndThrough) {
    const std::string out = wire(Reply(550, {5, 1, 1}, "x\r\n250 2.0.0 fine\r\ny"));
    EXPECT_EQ(out, "550 5.1.1 x\\x0d\\x0a250 2.0.0 fine\\x0d\\x0ay\r\n");
}

TEST(Reply, KeepsLinesWithin512Octets) {
    const std::string out = wire(Reply(550, {5, 1, 1}, std::string(2000, 'x')));
    EXPECT_EQ(out.size(), 512U);
    EXPECT_TRUE(out.ends_with("...\r\n"));
    // Escapes are not cut in the middle.
    const std::string escaped = wire(Reply(550, {5, 1, 1}, std::string(2000, '\1')));
    EXPECT_LE(escaped.size(), 512U);
    EXPECT_TRUE(escaped.ends_with("\\x01...\r\n"));
}

TEST(Reply, EscapesEightBitUnlessAllowed) {
    const Reply reply(250, {2, 1, 5}, "j\xc3\xb6rg@b OK.");
    EXPECT_EQ(wire(reply), "250 2.1.5 j\\xc3\\xb6rg@b OK.\r\n");
    EXPECT_EQ(wire(reply, true), "250 2.1.5 j\xc3\xb6rg@b OK.\r\n");
}

TEST(Reply, TextOfOurOwnHasNoCode) {
    EXPECT_EQ(
        Reply(0, {4, 4, 2}, "Error reading SMTP packet").to_text(), "Error reading SMTP packet"
    );
}

TEST(Reply, FromErrorKeepsTheChoiceAndTheStatus) {
    EXPECT_EQ(Reply::from_error(Error::temporary({4, 3, 1}, "full")).to_text(), "450 4.3.1 full");
    EXPECT_EQ(
        Reply::from_error(Error::permanent({5, 1, 2}, "no host")).to_text(), "550 5.1.2 no host"
    );
}

TEST(Reply, MakesUpAStatusFromTheCode) {
    EXPECT_EQ(Reply(451, "later").status_or_default(), (StatusCode{4, 0, 0}));
}

TEST(Sanitised, CutsAt252WithAMark) {
    EXPECT_EQ(sanitised(std::string(252, 'a')), std::string(252, 'a'));
    EXPECT_EQ(sanitised(std::string(253, 'a')), std::string(249, 'a') + "...");
}

TEST(Sanitised, DoesNotCutUtf8InTheMiddle) {
    std::string text;
    while (text.size() < 300) text += "\xe2\x82\xac";
    const std::string cut = sanitised(text, 252, true);
    EXPECT_LE(cut.size(), 252U);
    EXPECT_TRUE(cut.ends_with("\xe2\x82\xac..."));
}

TEST(Sanitised, SurvivesTinyLimits) {
    EXPECT_EQ(sanitised("abcdef", 2), "");
    EXPECT_EQ(sanitised("abcdef", 4), "a...");
    EXPECT_EQ(sanitised("\x01\x01", 4), "...");
}

struct TextRow {
    const char* name;
    Reply reply;
    const char* text;
};
class StandardReply : public ::testing::TestWithParam<TextRow> {};

TEST_P(StandardReply, HasItsFixedText) {
    EXPECT_EQ(GetParam().reply.to_text(), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Fixed,
    StandardReply,
    ::testing::Values(
        TextRow{
            "rcpt_options", replies::recipient_accepted("marlowe@siroe.com", true),
            "250 2.1.5 marlowe@siroe.com and options OK."},
        TextRow{"rcpt", replies::recipient_accepted("a@b", false), "250 2.1.5 a@b OK."},
        TextRow{
            "mapping", replies::refused_by_mapping("Relaying not permitted", "alan@very.bogus.com"),
            "550 5.7.1 Relaying not permitted: alan@very.bogus.com"},
        TextRow{"alias", replies::unknown_alias("x@y"), "550 5.1.1 unknown or illegal alias: x@y"},
        TextRow{"user", replies::unknown_user("x@y"), "550 5.1.1 unknown or illegal user: x@y"},
        TextRow{"host", replies::unknown_host("x@y"), "550 5.1.2 unknown host or domain: x@y"},
        TextRow{
            "size", replies::message_too_big(20480),
            "552 5.2.3 channel limit of 20 kilobytes on message size exceeded"},
        TextRow{"many", replies::too_many_recipients(), "452 4.5.3 Too many recipients specified"},
        TextRow{"etrn", replies::etrn_limit(), "458 4.7.1 ETRN session limit reached"},
        TextRow{
            "auth", replies::auth_failed(),
            "535 5.7.8 Bad username or password (Authentication failed)."},
        TextRow{"expn", replies::expand_disabled(), "550 5.7.2 EXPN command has been disabled"},
        TextRow{"mail", replies::mail_accepted(false), "250 2.5.0 Address OK."},
        TextRow{"mail_options", replies::mail_accepted(true), "250 2.5.0 Address and options OK."},
        TextRow{"data", replies::enter_mail(), "354 Enter mail, end with a single \".\"."},
        TextRow{"accepted", replies::message_accepted("01ABC"), "250 2.5.0 Ok, envelope id 01ABC"},
        TextRow{"accepted_plain", replies::message_accepted(""), "250 2.5.0 Ok."},
        TextRow{"chunk", replies::chunk_accepted(), "250 2.5.0 Ok, chunk received"},
        TextRow{"quit", replies::goodbye(), "221 2.3.0 Bye received. Goodbye."},
        TextRow{
            "unknown", replies::unknown_command("FOO"),
            "500 5.5.1 Unknown command \"FOO\" specified"},
        TextRow{"no_mail", replies::no_mail(), "503 5.5.1 No MAIL FROM: command has been given."},
        TextRow{
            "no_rcpt", replies::no_recipient(), "503 5.5.1 No RCPT TO: command has been given."},
        TextRow{
            "syntax", replies::syntax_error(), "501 5.5.2 Syntax error in parameters or arguments"},
        TextRow{"need_auth", replies::auth_required(), "530 5.7.0 No AUTH command has been given."},
        TextRow{
            "need_tls", replies::tls_required(), "530 5.7.0 Must issue a STARTTLS command first."},
        TextRow{
            "starttls", replies::go_ahead_with_tls(), "220 2.5.0 Go ahead with TLS negotiation."},
        TextRow{
            "authenticated", replies::auth_succeeded("PLAIN"),
            "235 2.7.0 PLAIN authentication successful."},
        TextRow{"shutdown", replies::shutting_down(), "421 4.3.2 Server is shutting down"},
        TextRow{"timeout", replies::command_timeout(), "421 4.4.2 Command timeout"},
        TextRow{
            "messages", replies::too_many_messages_closing(),
            "421 4.7.0 Too many messages in this connection"},
        TextRow{"xcir", replies::disabled("XCIR"), "550 5.7.0 XCIR command has been disabled."},
        TextRow{
            "send", replies::send_disabled(),
            "550 5.7.2 SEND/SAML/SOML commands have been disabled."},
        TextRow{
            "vrfy_local", replies::verify_possible_local("a@b"),
            "252 2.5.0 Possible local address a@b"},
        TextRow{
            "vrfy_remote", replies::verify_remote_unchecked(),
            "252 2.5.0 Possible remote address not checked"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

}  // namespace
}  // namespace sluice::smtp
