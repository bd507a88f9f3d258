#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/header_field.h"
#include "message/message_id.h"
#include "message/received.h"

namespace sluice::message {
namespace {

const WallTime moment = WallTime(std::chrono::seconds(885237417));

TEST(Date, IsWrittenInItsZone) {
    using std::chrono::minutes;
    EXPECT_EQ(format_date(moment, TimeZone()), "Mon, 19 Jan 1998 19:16:57 +0000");
    EXPECT_EQ(
        format_date(moment, TimeZone::fixed(minutes(-480))), "Mon, 19 Jan 1998 11:16:57 -0800"
    );
    EXPECT_EQ(
        format_date(moment, TimeZone::fixed(minutes(345))), "Tue, 20 Jan 1998 01:01:57 +0545"
    );
}

struct ProtocolCase {
    SessionProtocol protocol;
    const char* word;
};
class ProtocolWord : public testing::TestWithParam<ProtocolCase> {};
TEST_P(ProtocolWord, FollowsTheRegistry) {
    EXPECT_EQ(protocol_word(GetParam().protocol), GetParam().word);
}
INSTANTIATE_TEST_SUITE_P(
    Words,
    ProtocolWord,
    testing::Values(
        ProtocolCase{{}, "SMTP"},
        ProtocolCase{{.extended = true}, "ESMTP"},
        ProtocolCase{{.extended = true, .tls = true}, "ESMTPS"},
        ProtocolCase{{.extended = true, .authenticated = true}, "ESMTPA"},
        ProtocolCase{{.extended = true, .tls = true, .authenticated = true}, "ESMTPSA"},
        ProtocolCase{{.lmtp = true}, "LMTP"},
        ProtocolCase{{.tls = true, .lmtp = true}, "LMTPS"},
        ProtocolCase{{.extended = true, .tls = true, .smtputf8 = true}, "UTF8SMTPS"}
    )
);

ReceivedLine sample() {
    ReceivedLine line;
    line.helo = "THOR.SIROE.COM";
    line.reverse_name = "thor.siroe.com";
    line.address = IpAddress::parse("192.160.253.66");
    line.by = "mta.sesta.com";
    line.version = "Sluice 1.0";
    line.with = "ESMTP";
    line.id = "ZZ0F7O00I03CJHZD";
    line.for_recipient = "adam@sesta.com";
    line.time = moment;
    return line;
}

TEST(ReceivedLine, NamesEveryClauseInOrder) {
    EXPECT_EQ(
        format_received(sample(), TimeZone()),
        "Received: from THOR.SIROE.COM (thor.siroe.com [192.160.253.66])\r\n"
        " by mta.sesta.com (Sluice 1.0) with ESMTP id <ZZ0F7O00I03CJHZD>\r\n"
        " for <adam@sesta.com>; Mon, 19 Jan 1998 19:16:57 +0000\r\n"
    );
}

TEST(ReceivedLine, ShowsTheClientsUser) {
    ReceivedLine line = sample();
    line.client_user = "service (x)";
    const std::string text = format_received(line, TimeZone());
    EXPECT_NE(text.find("(service??x?@thor.siroe.com [192.160.253.66])"), std::string::npos)
        << text;
    line.reverse_name.clear();
    line.address.reset();
    EXPECT_EQ(format_received(line, TimeZone()).find("service"), std::string::npos);
}

TEST(ReceivedLine, LeavesOutWhatIsNotKnown) {
    ReceivedLine line;
    line.by = "mta.sesta.com";
    line.time = moment;
    EXPECT_EQ(
        format_received(line, TimeZone()),
        "Received: by mta.sesta.com; Mon, 19 Jan 1998 19:16:57 +0000\r\n"
    );
}

TEST(ReceivedLine, ShowsIpv6AndTheSenderThatWasReplaced) {
    ReceivedLine line = sample();
    line.address = IpAddress::parse("2001:db8::1");
    line.original_sender = "owner@(sesta.com";
    const std::string text = format_received(line, TimeZone());
    EXPECT_NE(text.find("(thor.siroe.com [IPv6:2001:db8::1])"), std::string::npos);
    EXPECT_NE(text.find("(original mail from <owner@\\(sesta.com>);"), std::string::npos);
}

TEST(ReceivedLine, IsNotBrokenByHostilePeers) {
    ReceivedLine line = sample();
    line.helo = "evil by mta.sesta.com;\r\nBcc: all";
    line.reverse_name = "x) by y (";
    line.for_recipient = "a>\r\nX: b@c";
    const std::string text = format_received(line, TimeZone());
    EXPECT_EQ(split_header(text).size(), 1U);
    const std::string value = unfold(split_header(text)[0].raw_value);
    EXPECT_TRUE(value.starts_with("from evil?by?mta.sesta.com???Bcc:?all (x??by?y??")) << value;
    EXPECT_NE(value.find("for <aX: b@c>;"), std::string::npos) << value;
    for (std::string_view part : split(text, '\n')) EXPECT_LE(part.size(), 79U) << part;
}

TEST(MessageIds, AreUniqueAndWellFormed) {
    MessageIdGenerator one("sesta.com", 1);
    MessageIdGenerator two("sesta.com", 2);
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        seen.insert(one.next(moment));
        seen.insert(two.next(moment));
    }
    EXPECT_EQ(seen.size(), 2000U);
    for (const std::string& id : seen) {
        EXPECT_EQ(find_message_id(id), id);
        EXPECT_TRUE(id.ends_with("@sesta.com>"));
        EXPECT_EQ(id.find_first_of(" \t,"), std::string::npos);
    }
}

TEST(MessageIds, TwoStartsDoNotMeet) {
    MessageIdGenerator one("sesta.com");
    MessageIdGenerator two("sesta.com");
    EXPECT_NE(one.next(moment), two.next(moment));
}

TEST(EncodedPhrase, EncodesOnlyWhatIsNotAscii) {
    EXPECT_EQ(encoded_phrase("Mail Delivery"), "Mail Delivery");
    EXPECT_EQ(encoded_phrase("a@b"), "\"a@b\"");
    EXPECT_EQ(encoded_phrase("f\xC3\xBCr"), "=?UTF-8?B?ZsO8cg==?=");
    EXPECT_EQ(encoded_phrase("f\xFCr"), "=?UTF-8?B?ZsO8cg==?=") << "taken for ISO 8859-1";
}

TEST(EncodedPhrase, WordsAreShortAndEndBetweenCharacters) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "\xE2\x82\xAC";
    const std::string encoded = encoded_phrase("x" + text);
    for (std::string_view word : split_words(encoded)) {
        EXPECT_LE(word.size(), 75U);
        EXPECT_TRUE(word.starts_with("=?UTF-8?B?") && word.ends_with("?="));
    }
    // "x" and 14 characters of three octets fill the first word: 43 octets, one '=' pair missing.
    EXPECT_EQ(split_words(encoded).front().size(), 10U + 60U + 2U);
}

}  // namespace
}  // namespace sluice::message
