#include "queue/envelope.h"

#include <gtest/gtest.h>

#include "queue/failure.h"
#include "queue/timestamp.h"

namespace sluice::queue {
namespace {

const std::string bits("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff", 16);

Recipient recipient(std::string address) {
    Recipient one;
    one.address = std::move(address);
    return one;
}

Envelope smallest() {
    Envelope envelope;
    envelope.enqueued = *parse_timestamp("2026-03-02T10:11:07.204Z");
    envelope.recipients = {recipient("a@example.com")};
    return envelope;
}

Envelope fullest() {
    Envelope envelope = smallest();
    envelope.owner = "*user\nwith \\ and \r";
    envelope.source_channel = "tcp_submit";
    envelope.source_host = "mail.example.com";
    envelope.transport = "TCP|192.0.2.1|25|198.51.100.7|4711 SMTP/helo/dns";
    envelope.envelope_id = "id";
    envelope.message_id = "<x@y>";
    envelope.features = {"8BITMIME", "SMTPUTF8", "MT-PRIORITY=3"};
    envelope.priority = "urgent";
    envelope.ret = ReturnContent::headers;
    envelope.deadlines.deliver_by = parse_timestamp("2026-03-03T00:00:00.000Z");
    envelope.deadlines.deliver_by_return = true;
    envelope.deadlines.deliver_by_trace = true;
    envelope.deadlines.latest_delivery = parse_timestamp("2026-03-04T00:00:00.000Z");
    envelope.deadlines.expiry = parse_timestamp("2026-03-05T00:00:00.000Z");
    envelope.deadlines.unknown = {"later=thing"};
    envelope.encoding = ContentEncoding::raw;
    envelope.ancestor = "84PHKX1L3Q0A0001";
    envelope.hold_reason = "loop: 51 Received lines, limit 50";
    envelope.conversion_tags = {"outside", "list"};
    envelope.sender = "\xc3\xbc@example.com";
    envelope.unknown = {{'Z', "kept"}, {'Q', "case matters"}};
    Recipient full = recipient("b@example.com");
    full.orcpt_type = "rfc822";
    full.orcpt = "B@example.com";
    full.intermediate = "list@example.com";
    full.notify = notify_explicit | notify_failure | notify_delay;
    full.host = "mx.example.com";
    full.settled = StatusText{{5, 1, 1}, "unknown user: b"};
    full.onward = channel::Onward{"tcp_local", "b@far.example", "far.example"};
    full.unknown = {{'Z', "per recipient"}};
    envelope.recipients.push_back(full);
    envelope.recipients.push_back(recipient("c@example.com"));
    return envelope;
}

std::string sealed(const Envelope& envelope) {
    auto encoded = encode_envelope(envelope, bits);
    EXPECT_TRUE(encoded);
    seal_envelope_head(encoded->bytes.data(), 42, 7, encoded->tail_hash);
    return encoded->bytes;
}

TEST(Envelope, IsTextWithLengthAndSealAtFixedPlaces) {
    const std::string bytes = sealed(smallest());
    EXPECT_EQ(bytes.substr(0, 17), "v;1\nb;0000000042\n");
    EXPECT_EQ(bytes.substr(17, 24), "k;xxh3:0000000000000007\n");
    EXPECT_EQ(bytes.substr(41, 7), "e;xxh3:");
    EXPECT_EQ(
        bytes.substr(envelope_head_size),
        "t;2026-03-02T10:11:07.204Z\nu;\nc;\ns;\ni;\np;normal\nl;crlf\nm;\na@example.com\n"
        "Boundary_(ID_AAECAwQFBgcICQoLDA0O_w)\n"
    );
}

TEST(Envelope, EveryRecordSurvives) {
    for (const Envelope& envelope : {smallest(), fullest()}) {
        const std::string bytes = sealed(envelope);
        EXPECT_EQ(find_envelope_end(bytes), bytes.size());
        EXPECT_EQ(find_envelope_end(bytes + "more"), bytes.size());
        EXPECT_FALSE(find_envelope_end(bytes.substr(0, bytes.size() - 1)));
        const auto decoded = decode_envelope(bytes);
        ASSERT_TRUE(decoded) << decoded.error().to_debug_string();
        EXPECT_EQ(to_debug_string(decoded->envelope), to_debug_string(envelope));
        EXPECT_EQ(decoded->envelope, envelope);
        EXPECT_EQ(decoded->content_size, 42U);
        EXPECT_EQ(decoded->content_hash, 7U);
        EXPECT_EQ(decoded->content_offset, bytes.size());
    }
}

class OddRecipients : public testing::TestWithParam<const char*> {};

TEST_P(OddRecipients, AreNotTakenForRecords) {
    Envelope envelope = smallest();
    envelope.recipients = {recipient(GetParam()), recipient("next@example.com")};
    const auto decoded = decode_envelope(sealed(envelope));
    ASSERT_TRUE(decoded) << decoded.error().to_debug_string();
    EXPECT_EQ(decoded->envelope, envelope);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    OddRecipients,
    testing::Values(
        "f;x@example.com",
        "=a@example.com",
        "==",
        "Boundary_(ID_AAECAwQFBgcICQoLDA0O_w)",
        "Boundary_(ID_AAECAwQFBgcICQoLDA0O_w)x@example.com",
        "\"a b\\\"c\"@example.com",
        "two\nlines@example.com",
        "\\n@example.com",
        "\xff\xfe@example.com",
        "\x01\x01"
    )
);

TEST(Envelope, LimitsAreKept) {
    Envelope envelope = smallest();
    envelope.recipients[0].address = std::string(max_envelope_line, 'a');
    EXPECT_TRUE(encode_envelope(envelope, bits));
    EXPECT_TRUE(decode_envelope(sealed(envelope)));
    envelope.recipients[0].address += 'a';
    const auto too_long = encode_envelope(envelope, bits);
    ASSERT_FALSE(too_long);
    EXPECT_TRUE(too_long.error().is_permanent());
    envelope.recipients[0].address = std::string(max_envelope_line / 2, '\n');
    EXPECT_TRUE(encode_envelope(envelope, bits));
    envelope.recipients[0].address += '\n';
    EXPECT_FALSE(encode_envelope(envelope, bits));

    envelope.recipients.assign(9000, recipient(std::string(8000, 'a')));
    EXPECT_FALSE(encode_envelope(envelope, bits));
}

TEST(Envelope, RefusesWhatItCouldNotReadBack) {
    Envelope envelope = smallest();
    envelope.recipients.clear();
    EXPECT_FALSE(encode_envelope(envelope, bits));
    envelope.recipients = {recipient("")};
    EXPECT_FALSE(encode_envelope(envelope, bits));
    envelope = smallest();
    envelope.features = {"A,B"};
    EXPECT_FALSE(encode_envelope(envelope, bits));
    envelope = smallest();
    envelope.unknown = {{'m', "forged"}};
    EXPECT_FALSE(encode_envelope(envelope, bits));
    envelope.unknown = {{'\n', "x"}};
    EXPECT_FALSE(encode_envelope(envelope, bits));
}

TEST(Envelope, AnyChangedOctetIsFound) {
    const std::string good = sealed(fullest());
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const unsigned flip : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U}) {
            std::string bytes = good;
            bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ flip);
            const auto decoded = decode_envelope(bytes);
            ASSERT_FALSE(decoded) << "octet " << at << " flip " << flip;
            const Failure kind = failure_kind(decoded.error());
            EXPECT_TRUE(kind == Failure::damaged || kind == Failure::other_version);
        }
    }
}

TEST(Envelope, AnyCutIsFound) {
    const std::string good = sealed(fullest());
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(decode_envelope(good.substr(0, size))) << size;
    }
}

TEST(Envelope, OtherVersionIsToldFromDamage) {
    std::string bytes = sealed(smallest());
    bytes.replace(0, 3, "v;2");
    const auto decoded = decode_envelope(bytes);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(failure_kind(decoded.error()), Failure::other_version);
    EXPECT_FALSE(decoded.error().is_permanent());
}

TEST(Envelope, FeaturesAreFoundByKeyword) {
    const Envelope envelope = fullest();
    EXPECT_TRUE(envelope.has_feature("smtputf8"));
    EXPECT_TRUE(envelope.has_feature("MT-PRIORITY"));
    EXPECT_FALSE(envelope.has_feature("MT"));
}

TEST(Recipient, NotifiesOfFailureAndDelayUnlessToldOtherwise) {
    EXPECT_EQ(recipient("a").notify_flags(), 20U);
    EXPECT_EQ(fullest().recipients[1].notify_flags(), 276U);
}

TEST(Timestamp, IsRfc3339WithMilliseconds) {
    const auto time = parse_timestamp("2026-03-02T10:11:07.204Z");
    ASSERT_TRUE(time);
    EXPECT_EQ(format_timestamp(*time + std::chrono::microseconds(999)), "2026-03-02T10:11:07.204Z");
    EXPECT_EQ(format_timestamp(WallTime{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(
        format_timestamp(WallTime(std::chrono::microseconds(-1))), "1969-12-31T23:59:59.999Z"
    );
    EXPECT_TRUE(parse_timestamp("2024-02-29T00:00:00.000Z"));
    for (const char* bad :
         {"", "2026-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-03-02T24:00:00.000Z",
          "2026-03-02T10:60:00.000Z", "2026-03-02T10:11:07Z", "2026-03-02 10:11:07.204Z",
          "2026-03-02T10:11:07.204+00:00", "2026-03-02T10:11:07.204Z "}) {
        EXPECT_FALSE(parse_timestamp(bad)) << bad;
    }
}

}  // namespace
}  // namespace sluice::queue
