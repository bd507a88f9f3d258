#include "policy/rewriting.h"

#include <gtest/gtest.h>

#include "support/site.h"

namespace sluice::policy {
namespace {

TEST(SplitAddress, CutsAtTheLastUnquotedAtSign) {
    EXPECT_EQ(split_address("a@b").domain, "b");
    EXPECT_EQ(split_address("\"a@b\"@c").local_part, "\"a@b\"");
    EXPECT_EQ(split_address("\"a\\\"@b\"").domain, "");
    EXPECT_EQ(split_address("@r:u@h").local_part, "@r:u");
}

TEST(CompleteAddress, FollowsTheKeywordsOfTheSourceChannel) {
    const auto site = test::make_site(
        {{"imta.cnf",
          "mail.example.com $U%$D@mail.example.com\n\nl\nmail.example.com\n\n"
          "tcp_two smtp defaulthost one.example two.example\ntcp_two-daemon\n\n"
          "tcp_one smtp defaulthost one.example\ntcp_one-daemon\n\n"
          "tcp_sub submit smtp defaulthost one.example\ntcp_sub-daemon\n\n"
          "tcp_rem smtp remotehost\ntcp_rem-daemon\n\n"
          "tcp_bare smtp nodefaulthost\ntcp_bare-daemon\n\n"
          "tcp_auth smtp authhost defaulthost one.example\ntcp_auth-daemon\n\n"
          "tcp_plain smtp\ntcp_plain-daemon\n"}}
    );
    ASSERT_TRUE(site);
    std::string user;
    const auto complete = [&](const char* channel, AddressKind kind, const char* address) {
        return complete_address(
            *site, *site->imta.channels.find(channel), kind, address, {"client.example", user}
        );
    };
    const auto from = AddressKind::envelope_from;
    const auto to = AddressKind::envelope_to;
    EXPECT_EQ(complete("tcp_two", from, "u"), "u@one.example");
    EXPECT_EQ(complete("tcp_two", to, "u"), "u@two.example");
    EXPECT_EQ(complete("tcp_one", to, "u"), "u@mail.example.com");
    EXPECT_EQ(complete("tcp_sub", to, "u"), "u@one.example");
    EXPECT_EQ(complete("tcp_rem", from, "u"), "u@client.example");
    EXPECT_EQ(complete("tcp_rem", to, "u"), "u@mail.example.com");
    EXPECT_EQ(complete("tcp_bare", from, "u"), "u");
    EXPECT_EQ(complete("tcp_bare", to, "Postmaster"), "Postmaster@mail.example.com");
    EXPECT_EQ(complete("tcp_plain", from, "u"), "u@mail.example.com");
    EXPECT_EQ(complete("tcp_plain", from, ""), "");
    EXPECT_EQ(complete("tcp_auth", from, "u"), "u@one.example");
    user = "amy@users.example";
    EXPECT_EQ(complete("tcp_auth", from, "u"), "u@users.example");
    EXPECT_EQ(complete("tcp_auth", to, "u"), "u@users.example");
    EXPECT_EQ(complete("tcp_plain", from, "u"), "u@mail.example.com");
    EXPECT_EQ(complete("tcp_plain", from, "u@h"), "u@h");
}

}  // namespace
}  // namespace sluice::policy
