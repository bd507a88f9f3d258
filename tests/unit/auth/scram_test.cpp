#include "auth/scram.h"

#include <gtest/gtest.h>

#include "auth/base64.h"

namespace sluice::auth {
namespace {

// RFC 5802 section 5 and RFC 7677 section 3 have whole dialogues; their salts, iteration counts and
// passwords lead to these keys.
TEST(ScramSecret, KeysOfThePublishedExamples) {
    const auto sha256 = make_scram_secret(
        ScramHash::sha256, "pencil", from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096
    );
    ASSERT_TRUE(sha256);
    EXPECT_EQ(
        to_text(*sha256),
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
        "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    );
    const auto sha1 =
        make_scram_secret(ScramHash::sha1, "pencil", from_base64("QSXCR+Q6sek8bf92").value(), 4096);
    ASSERT_TRUE(sha1);
    EXPECT_EQ(
        to_text(*sha1),
        "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:"
        "D+CSWLOshSulAsxiupA+qs2/fTE="
    );
}

TEST(ScramSecret, TextAndBack) {
    const auto secret = make_scram_secret(ScramHash::sha256, "x", "0123456789abcdef", 4096);
    ASSERT_TRUE(secret);
    EXPECT_EQ(parse_scram_secret(to_text(*secret)), secret);
}

TEST(ScramSecret, OnlyItsPasswordMatches) {
    const auto secret = make_scram_secret(ScramHash::sha256, "Straße", "0123456789abcdef", 4096);
    ASSERT_TRUE(secret);
    EXPECT_TRUE(matches(*secret, "Straße"));
    EXPECT_FALSE(matches(*secret, "Strasse"));
    EXPECT_FALSE(matches(*secret, ""));
    EXPECT_FALSE(matches(*secret, std::string_view("Straße\0x", 9)));
}

// RFC 4013: one password, however the keyboard writes it.
TEST(ScramSecret, PasswordsArePrepared) {
    const auto secret = make_scram_secret(ScramHash::sha256, "I\u00adX", "0123456789abcdef", 4096);
    ASSERT_TRUE(secret);
    EXPECT_TRUE(matches(*secret, "IX"));
    EXPECT_FALSE(make_scram_secret(ScramHash::sha256, "a\x07", "salt", 4096));
    EXPECT_FALSE(make_scram_secret(ScramHash::sha256, "", "salt", 4096));
}

TEST(ScramSecret, DecoysAreTheSameForANameAndFitNothing) {
    const auto decoy = decoy_secret(ScramHash::sha256, "eve", "seed", 5000);
    EXPECT_EQ(decoy, decoy_secret(ScramHash::sha256, "eve", "seed", 5000));
    EXPECT_NE(decoy.salt, decoy_secret(ScramHash::sha256, "adam", "seed", 5000).salt);
    EXPECT_NE(decoy.salt, decoy_secret(ScramHash::sha256, "eve", "other", 5000).salt);
    EXPECT_EQ(parse_scram_secret(to_text(decoy)), decoy);
    EXPECT_EQ(decoy.salt.size(), 16U);
}

TEST(ScramSecret, NonsenseIsNoSecret) {
    const std::string good = to_text(decoy_secret(ScramHash::sha256, "a", "b", 4096));
    for (const std::string& bad :
         {std::string(), std::string("x"), good + "$", good + "=", "MD5" + good,
          std::string("SCRAM-SHA-256$0:YQ==$YQ==:YQ=="),
          std::string("SCRAM-SHA-256$99999999999:YQ==$YQ==:YQ=="),
          good.substr(0, good.size() - 4)}) {
        EXPECT_FALSE(parse_scram_secret(bad)) << bad;
    }
}

TEST(Base64, OnlyOneTextForEachOctets) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(from_base64("Zm9vYg=="), "foob");
    EXPECT_EQ(from_base64(""), "");
    for (const char* bad :
         {"Z", "Zg", "Zg=", "Zh==", "Zg==Zg==", "Z===", "====", "Zm 8", "Zm9\n", "Zm8-", "=Zg="})
        EXPECT_FALSE(from_base64(bad)) << bad;
    EXPECT_EQ(from_base64url("-_8"), "\xfb\xff");
    EXPECT_FALSE(from_base64url("+/8"));
}

}  // namespace
}  // namespace sluice::auth
