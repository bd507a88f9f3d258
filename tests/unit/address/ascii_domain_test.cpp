#include "address/ascii_domain.h"

#include <gtest/gtest.h>

namespace sluice::address {
namespace {

TEST(AsciiDomain, KeepsAscii) {
    for (const char* domain :
         {"Example.COM", "[192.0.2.1]", "a_b.example", "", "xn--mnchen-3ya.de"})
        EXPECT_EQ(ascii_domain(domain), domain);
}

TEST(AsciiDomain, WritesALabels) {
    EXPECT_EQ(ascii_domain("m\xC3\xBCnchen.de"), "xn--mnchen-3ya.de");
    EXPECT_EQ(ascii_domain("M\xC3\x9CNCHEN.de"), "xn--mnchen-3ya.de");
    EXPECT_EQ(ascii_domain("fa\xC3\x9F.de"), "xn--fa-hia.de");
    EXPECT_EQ(ascii_domain("\xE4\xBE\x8B\xE3\x80\x82\xE4\xBE\x8B"), "xn--fsq.xn--fsq");
}

TEST(AsciiDomain, RefusesWhatCannotBe) {
    EXPECT_EQ(ascii_domain("\xFF.example"), std::nullopt);
    EXPECT_EQ(ascii_domain("a\xC3\xA9 b.example"), std::nullopt);
    EXPECT_EQ(ascii_domain("-\xC3\xA9.example"), std::nullopt);
    std::string endless;
    for (int i = 0; i < 300; ++i) endless += "\xC3\xA9.";
    EXPECT_EQ(ascii_domain(endless), std::nullopt);
}

TEST(AsciiDomain, FindsTheDomainsOfAPath) {
    EXPECT_EQ(with_ascii_domains("<>"), "<>");
    EXPECT_EQ(with_ascii_domains("<j\xC3\xB6rg>"), "<j\xC3\xB6rg>");
    EXPECT_EQ(
        with_ascii_domains("<j\xC3\xB6rg@m\xC3\xBCnchen.de>"), "<j\xC3\xB6rg@xn--mnchen-3ya.de>"
    );
    EXPECT_EQ(
        with_ascii_domains("@m\xC3\xBCnchen.de,@b.example:\"a@\xC3\xBC\\\"@\xC3\xBC\"@fa\xC3\x9F.de"
        ),
        "@xn--mnchen-3ya.de,@b.example:\"a@\xC3\xBC\\\"@\xC3\xBC\"@xn--fa-hia.de"
    );
    EXPECT_EQ(with_ascii_domains("a@[IPv6:2001:db8::1]"), "a@[IPv6:2001:db8::1]");
    EXPECT_EQ(with_ascii_domains("a@\xFF"), std::nullopt);
}

}  // namespace
}  // namespace sluice::address
