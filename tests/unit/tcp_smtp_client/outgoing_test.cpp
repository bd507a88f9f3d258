#include "outgoing.h"

#include <gtest/gtest.h>

namespace sluice::tcp_client {
namespace {

using queue::ContentEncoding;

ContentFacts inspect(ContentEncoding encoding, std::string_view content, std::size_t piece) {
    ContentInspector inspector(encoding);
    for (std::size_t i = 0; i < content.size(); i += piece)
        inspector.append(content.substr(i, piece));
    return inspector.facts();
}

TEST(ContentInspector, SizeIsThatOnTheWire) {
    EXPECT_EQ(inspect(ContentEncoding::crlf, "a: b\r\n\r\nx\r\n", 100).wire_size, 11U);
    EXPECT_EQ(inspect(ContentEncoding::lf, "a: b\n\nx\n", 1).wire_size, 11U);
}

TEST(ContentInspector, FindsEightBitOctetsWhereverPiecesEnd) {
    const std::string body = "s: x\r\n\r\n" + std::string(50, 'a') + "\xe4" + std::string(50, 'a');
    const std::string header = "s: \xe4\r\n\r\nbody";
    for (std::size_t piece = 1; piece < 20; ++piece) {
        EXPECT_FALSE(inspect(ContentEncoding::crlf, "s: x\r\n\r\nbody\x7f", piece).eight_bit);
        const ContentFacts in_body = inspect(ContentEncoding::crlf, body, piece);
        EXPECT_TRUE(in_body.eight_bit);
        EXPECT_FALSE(in_body.eight_bit_header);
        const ContentFacts in_header = inspect(ContentEncoding::crlf, header, piece);
        EXPECT_TRUE(in_header.eight_bit);
        EXPECT_TRUE(in_header.eight_bit_header);
    }
}

queue::Envelope envelope() {
    queue::Envelope e;
    e.sender = "adam@example.com";
    e.envelope_id = "QQ 314+159";
    queue::Recipient bob;
    bob.address = "bob@d.example";
    bob.orcpt = "b+ob@d.example";
    queue::Recipient eve;
    eve.address = "eve@d.example";
    eve.notify = queue::notify_explicit | queue::notify_success | queue::notify_failure;
    e.recipients = {bob, eve};
    return e;
}

TEST(OutgoingMessage, CarriesWhatTheSenderAskedFor) {
    queue::Envelope e = envelope();
    e.ret = queue::ReturnContent::headers;
    const auto message = outgoing_message(e, {1, 0}, {100, false, false}, "mail.example.com");
    EXPECT_EQ(message.sender, "adam@example.com");
    EXPECT_EQ(message.envid, "QQ+20314+2B159");
    EXPECT_EQ(message.ret, smtp::Ret::headers);
    EXPECT_EQ(message.size, 100U);
    ASSERT_EQ(message.recipients.size(), 2U);
    EXPECT_EQ(message.recipients[0].path, "eve@d.example");
    EXPECT_EQ(smtp::to_text(message.recipients[0].notify), "SUCCESS,FAILURE");
    EXPECT_FALSE(message.recipients[1].notify.is_given());
    EXPECT_EQ(message.recipients[1].orcpt, "rfc822;b+2Bob@d.example");
}

TEST(OutgoingMessage, OriginalRecipientInUtf8IsAsciiOnTheWay) {
    queue::Envelope e = envelope();
    e.recipients[0].orcpt_type = "utf-8";
    e.recipients[0].orcpt = "j\xc3\xb6rg@d.example";
    EXPECT_EQ(outgoing_message(e, {0}, {}, "").recipients[0].orcpt, "utf-8;j\\x{F6}rg@d.example");
    e.recipients[0].orcpt = "j\\x{F6}rg@d.example";  // as it came
    EXPECT_EQ(outgoing_message(e, {0}, {}, "").recipients[0].orcpt, "utf-8;j\\x{F6}rg@d.example");
    e.recipients[0].orcpt = std::string(200, 'x') + std::string(100, '\xc3');
    EXPECT_EQ(outgoing_message(e, {0}, {}, "").recipients[0].orcpt, "");
    std::string much;
    for (int i = 0; i < 100; ++i) much += "\xc3\xb6";
    e.recipients[0].orcpt = much;  // half an address is worse than none
    EXPECT_EQ(outgoing_message(e, {0}, {}, "").recipients[0].orcpt, "");
    e.recipients[0].orcpt = "j\xf6rg@d.example";
    EXPECT_EQ(outgoing_message(e, {0}, {}, "").recipients[0].orcpt, "");
}

TEST(OutgoingMessage, RoutesAreTakenOffWhereTheChannelAsks) {
    queue::Envelope e = envelope();
    e.recipients[0].address = "@relay.example:eve@d.example";
    EXPECT_EQ(outgoing_message(e, {0}, {}, "").recipients[0].path, "@relay.example:eve@d.example");
    EXPECT_EQ(outgoing_message(e, {0}, {}, "", true).recipients[0].path, "eve@d.example");
}

TEST(OutgoingMessage, NeverStandsAlone) {
    queue::Envelope e = envelope();
    e.recipients[0].notify =
        queue::notify_explicit | queue::notify_never | queue::notify_success | queue::notify_delay;
    const auto message = outgoing_message(e, {0}, {}, "mail.example.com");
    EXPECT_EQ(smtp::to_text(message.recipients[0].notify), "NEVER");
}

TEST(OutgoingMessage, EnvelopeIdOfOurOwnMakingIsNotPassedOn) {
    queue::Envelope e = envelope();
    e.envelope_id = "84PHKX1L3Q0A0001@mail.example.com";
    ASSERT_TRUE(queue::arrival_time("84PHKX1L3Q0A0001"));
    EXPECT_EQ(outgoing_message(e, {0}, {}, "mail.example.com").envid, "");
    EXPECT_EQ(outgoing_message(e, {0}, {}, "other.example.com").envid, e.envelope_id);
}

TEST(OutgoingMessage, Utf8IsDemandedForWhatIsThere) {
    queue::Envelope e = envelope();
    e.features = {"SMTPUTF8", "8BITMIME"};
    EXPECT_FALSE(outgoing_message(e, {0}, {10, true, false}, "").smtputf8);
    EXPECT_TRUE(outgoing_message(e, {0}, {10, true, true}, "").smtputf8);
    // A recipient needs it for itself: the others get the message where it is not offered.
    e.recipients[0].address =
        "b\xc3\xb6"
        "b@d.example";
    EXPECT_FALSE(outgoing_message(e, {0, 1}, {}, "").smtputf8);
    queue::Envelope from = e;
    from.sender = e.recipients[0].address;
    EXPECT_TRUE(outgoing_message(from, {1}, {}, "").smtputf8);
    e.features.clear();
    // An 8-bit header without the extension has always been sent as it is.
    EXPECT_FALSE(outgoing_message(e, {1}, {10, true, true}, "").smtputf8);
}

TEST(Xtext, EncodesWhatIsNotPlain) {
    EXPECT_EQ(to_xtext("a+b=c d"), "a+2Bb+3Dc+20d");
    EXPECT_EQ(to_xtext("\xc3\xb6"), "");
}

}  // namespace
}  // namespace sluice::tcp_client
