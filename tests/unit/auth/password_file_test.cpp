#include "auth/password_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::auth {
namespace {

using testing::HasSubstr;

std::string secret_text(std::string_view name, std::uint32_t iterations = 4096) {
    return to_text(decoy_secret(ScramHash::sha256, name, "x", iterations));
}

PasswordFile parse(const std::string& text, Diagnostics& findings) {
    return PasswordFile::parse(text, "passwords", findings);
}

TEST(PasswordFile, ReadsWhatItSays) {
    Diagnostics findings;
    const auto file = parse(
        "! comment\n# another\n\n%seed YWJj\namy@example.com " + secret_text("amy") +
            " mail=amy.x@example.com\r\nbob  " + secret_text("bob") + " disabled\ncarl\n",
        findings
    );
    EXPECT_TRUE(findings.items().empty());
    ASSERT_EQ(file.entries().size(), 3U);
    EXPECT_EQ(file.seed(), "abc");
    ASSERT_NE(file.find("AMY@example.com"), nullptr);
    EXPECT_EQ(file.find("AMY@example.com")->mail, "amy.x@example.com");
    EXPECT_NE(file.find("amy@example.com")->find(ScramHash::sha256), nullptr);
    EXPECT_EQ(file.find("amy@example.com")->find(ScramHash::sha1), nullptr);
    EXPECT_TRUE(file.find("bob")->disabled);
    EXPECT_TRUE(file.find("carl")->secrets.empty());
    EXPECT_EQ(file.find("dora"), nullptr);
}

TEST(PasswordFile, BadLinesAreLeftOutAndNeverShown) {
    Diagnostics findings;
    const auto file = parse(
        "amy hunter2\nbob " + secret_text("b") + ' ' + secret_text("b") + "\ncarl\nCARL\n" +
            "%seed ???\ndora " + secret_text("d", 100) + "\n",
        findings
    );
    EXPECT_EQ(file.entries().size(), 2U);
    EXPECT_FALSE(file.has_seed());
    std::string all;
    for (const Diagnostic& finding : findings.items()) all += finding.to_string() + '\n';
    EXPECT_THAT(all, HasSubstr("passwords:1:1: error: line not understood, it is left out [E460]"));
    EXPECT_THAT(all, HasSubstr("passwords:2:1: error: line not"));
    EXPECT_THAT(all, HasSubstr("passwords:4:1: error: a second line for CARL [E461]"));
    EXPECT_THAT(all, HasSubstr("passwords:6:1: warning: fewer than 4096 iterations [W460]"));
    EXPECT_EQ(all.find("hunter2"), std::string::npos);
}

TEST(PasswordFile, DecoysLookLikeTheOthers) {
    Diagnostics findings;
    const auto file = parse(
        "a " + secret_text("a", 20000) + "\nb " + secret_text("b", 20000) + "\nc " +
            secret_text("c", 5000) + '\n',
        findings
    );
    EXPECT_EQ(file.iterations(), 20000U);
}

TEST(PasswordFile, ChangesLeaveTheRestAsItWas) {
    PasswordEntry amy{"amy", {decoy_secret(ScramHash::sha256, "amy", "x", 4096)}, {}, false};
    const std::string first = with_entry("! ours\n", amy);
    EXPECT_THAT(first, testing::StartsWith("%seed "));
    EXPECT_THAT(first, HasSubstr("\n! ours\namy SCRAM-SHA-256$"));
    amy.disabled = true;
    amy.mail = "a@b.example";
    const std::string second = with_entry(first + "bob\n", amy);
    EXPECT_THAT(second, testing::EndsWith(" mail=a@b.example disabled\nbob\n"));
    EXPECT_EQ(second.find("%seed", 1), std::string::npos);
    const std::string third = without_entry(second, "AMY");
    EXPECT_THAT(third, testing::EndsWith("! ours\nbob\n"));
}

TEST(PasswordFile, NamesThatCannotBe) {
    EXPECT_TRUE(is_user_name("amy@example.com"));
    EXPECT_TRUE(is_user_name("jürgen"));
    for (const char* bad : {"", "a b", "!a", "#a", "%seed", "a\tb", "a\nb"})
        EXPECT_FALSE(is_user_name(bad)) << bad;
    EXPECT_FALSE(is_user_name(std::string(256, 'a')));
}

}  // namespace
}  // namespace sluice::auth
