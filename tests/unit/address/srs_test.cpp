#include "address/srs.h"

#include <gtest/gtest.h>

namespace sluice::address {
namespace {

using Kind = SrsDecoding::Kind;

constexpr std::int64_t today = 19675;  // stamp G3

SrsSettings settings() {
    return {"here.example", {"tops3cret"}, 14};
}

std::string decoded(const std::string& address, const SrsSettings& with, std::int64_t day) {
    const SrsDecoding result = srs_decode(with, address, day);
    switch (result.kind) {
        case Kind::none:
            return "none";
        case Kind::bad_hash:
            return "bad hash";
        case Kind::timed_out:
            return "timed out";
        case Kind::decoded:
            break;
    }
    return result.address;
}

// Values of the Perl module Mail::SRS 0.31 for the same secret.
TEST(Srs, AddressesAreThoseOfOtherImplementations) {
    // Stamp GX is day 215 of its round of 1024.
    EXPECT_EQ(
        srs_encode(settings(), "Amy@far.example", 215), "SRS0=TFAi=GX=far.example=Amy@here.example"
    );
    EXPECT_EQ(
        srs_encode(settings(), "SRS0=abcd=GX=far.example=amy@first.example", today),
        "SRS1=5c84=first.example==abcd=GX=far.example=amy@here.example"
    );
    EXPECT_EQ(
        srs_encode(
            settings(), "SRS1=zzzz=first.example==abcd=GX=far.example=amy@second.example", today
        ),
        "SRS1=5c84=first.example==abcd=GX=far.example=amy@here.example"
    );
}

TEST(Srs, WayBackLeadsToTheSenderOrToTheFirstForwarder) {
    const auto wrapped = srs_encode(settings(), "amy+x@far.example", today);
    EXPECT_EQ(decoded(*wrapped, settings(), today + 14), "amy+x@far.example");
    EXPECT_EQ(
        decoded("SRS1=5c84=first.example==abcd=GX=far.example=amy@here.example", settings(), today),
        "SRS0=abcd=GX=far.example=amy@first.example"
    );
    // Separators that other forwarders use behind SRS0 survive.
    const auto plus = srs_encode(settings(), "SRS0+abcd=GX=far.example=amy@first.example", today);
    EXPECT_EQ(decoded(*plus, settings(), today), "SRS0+abcd=GX=far.example=amy@first.example");
}

TEST(Srs, LetterCaseMayBeLostOnTheWay) {
    EXPECT_EQ(
        decoded("srs0=tfai=gx=far.example=amy@HERE.example", settings(), 215), "amy@far.example"
    );
}

TEST(Srs, QuotedLocalPartsStayQuoted) {
    const auto wrapped = srs_encode(settings(), "\"a b%c\"@far.example", today);
    ASSERT_TRUE(wrapped);
    EXPECT_TRUE(wrapped->starts_with("\"SRS0=")) << *wrapped;
    EXPECT_EQ(decoded(*wrapped, settings(), today), "\"a b%c\"@far.example");
}

TEST(Srs, WhatWasNotWrittenHereIsRefused) {
    const std::string good = "SRS0=TFAi=GX=far.example=Amy@here.example";
    EXPECT_EQ(decoded(good, settings(), 215), "Amy@far.example");
    EXPECT_EQ(decoded("SRS0=TFAj=GX=far.example=Amy@here.example", settings(), 215), "bad hash");
    EXPECT_EQ(decoded("SRS0=TFAi=GX=far.example=eve@here.example", settings(), 215), "bad hash");
    EXPECT_EQ(decoded("SRS0=TFAi=GX=evil.example=Amy@here.example", settings(), 215), "bad hash");
    EXPECT_EQ(decoded("SRS0=TFAi=GY=far.example=Amy@here.example", settings(), 215), "bad hash");
    for (const char* broken :
         {"SRS0=@here.example", "SRS0==@here.example", "SRS0====@here.example",
          "SRS1=@here.example", "SRS1=5c84=first.example=@here.example",
          "SRS0=TFAi=GX=far.example@here.example"})
        EXPECT_EQ(decoded(broken, settings(), today), "bad hash") << broken;
}

TEST(Srs, OldAddressesTimeOutAlsoWhereTheDaysComeRoundAgain) {
    const std::string good = "SRS0=TFAi=GX=far.example=Amy@here.example";
    EXPECT_EQ(decoded(good, settings(), 215 + 14), "Amy@far.example");
    EXPECT_EQ(decoded(good, settings(), 215 + 15), "timed out");
    EXPECT_EQ(decoded(good, settings(), 214), "timed out");  // from tomorrow
    EXPECT_EQ(decoded(good, settings(), 1024 + 215), "Amy@far.example");
    const auto late = srs_encode(settings(), "amy@far.example", 1023);
    EXPECT_EQ(decoded(*late, settings(), 1024 + 3), "amy@far.example");
}

TEST(Srs, AnySecretDecodesTheFirstEncodes) {
    SrsSettings changed = settings();
    changed.secrets = {"new", "tops3cret"};
    const std::string old = "SRS0=TFAi=GX=far.example=Amy@here.example";
    EXPECT_EQ(decoded(old, changed, 215), "Amy@far.example");
    EXPECT_NE(srs_encode(changed, "Amy@far.example", 215), old);
    changed.secrets = {"new"};
    EXPECT_EQ(decoded(old, changed, 215), "bad hash");
}

TEST(Srs, OtherAddressesAreLeftAlone) {
    EXPECT_EQ(srs_encode(settings(), "amy@HERE.example", today), "amy@HERE.example");
    EXPECT_EQ(srs_encode(settings(), "", today), "");
    EXPECT_EQ(srs_encode(settings(), "\"\"@far.example", today), "\"\"@far.example");
    EXPECT_EQ(srs_encode(settings(), "amy", today), "amy");
    EXPECT_EQ(srs_encode({}, "amy@far.example", today), "amy@far.example");
    EXPECT_EQ(decoded("amy@here.example", settings(), today), "none");
    EXPECT_EQ(decoded("SRS0@here.example", settings(), today), "none");
    EXPECT_EQ(decoded("SRS01=a@here.example", settings(), today), "none");
    EXPECT_EQ(decoded("SRS0=TFAi=GX=far.example=Amy@far.example", settings(), today), "none");
}

}  // namespace
}  // namespace sluice::address
