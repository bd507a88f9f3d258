#include "log/dialogue_text.h"

#include <gtest/gtest.h>

namespace sluice::log {
namespace {

TEST(DialogueLine, OfAuthOnlyTheMechanismIsShown) {
    EXPECT_EQ(dialogue_line("AUTH PLAIN AGFkYW0Ac2VjcmV0"), "AUTH PLAIN ...");
    EXPECT_EQ(dialogue_line("auth \t login\tc2VjcmV0"), "auth login ...");
    EXPECT_EQ(dialogue_line("AUTH PLAIN"), "AUTH PLAIN");
    EXPECT_EQ(dialogue_line("AUTH "), "AUTH");
    EXPECT_EQ(dialogue_line("AUTH"), "AUTH");
    EXPECT_EQ(dialogue_line("AUTHOR x y z"), "AUTHOR x y z");
}

TEST(DialogueLine, OtherLinesStayUpToALimit) {
    EXPECT_EQ(dialogue_line("MAIL FROM:<a@b>"), "MAIL FROM:<a@b>");
    const std::string shown = dialogue_line(std::string(2000, 'x'));
    EXPECT_EQ(shown.size(), 1027U);
    EXPECT_TRUE(shown.ends_with("xxx..."));
    EXPECT_LE(dialogue_line("AUTH " + std::string(5000, 'x') + " secret").size(), 1024U);
}

TEST(DialogueMask, HidesChallengesAndResponses) {
    DialogueMask mask;
    EXPECT_EQ(mask.server_line("220 mx.example ESMTP"), "220 mx.example ESMTP");
    EXPECT_EQ(mask.client_line("AUTH LOGIN"), "AUTH LOGIN");
    EXPECT_EQ(mask.server_line("334 VXNlcm5hbWU6"), "334 ...");
    EXPECT_EQ(mask.client_line("YWRhbQ=="), "...");
    EXPECT_EQ(mask.server_line("334 UGFzc3dvcmQ6"), "334 ...");
    EXPECT_EQ(mask.client_line("c2VjcmV0"), "...");
    EXPECT_TRUE(mask.hides_client_line());
    EXPECT_EQ(mask.server_line("235 2.7.0 welcome"), "235 2.7.0 welcome");
    EXPECT_EQ(mask.client_line("MAIL FROM:<a@b>"), "MAIL FROM:<a@b>");
    EXPECT_FALSE(mask.hides_client_line());
}

TEST(DialogueMask, HidesWhatFollowsARefusedAuthWithoutWaiting) {
    DialogueMask mask;
    (void)mask.server_line("220 mx.example ESMTP");
    EXPECT_EQ(mask.client_line("EHLO x"), "EHLO x");
    EXPECT_EQ(mask.client_line("AUTH LOGIN"), "AUTH LOGIN");
    EXPECT_EQ(mask.client_line("c2VjcmV0"), "...");
    (void)mask.server_line("250-mx.example");
    EXPECT_EQ(mask.server_line("250 SIZE"), "250 SIZE");
    EXPECT_EQ(mask.client_line("c2VjcmV0"), "...") << "the reply to AUTH is still to come";
    EXPECT_EQ(mask.server_line("502 5.5.1 no"), "502 5.5.1 no");
    EXPECT_EQ(mask.client_line("QUIT"), "QUIT");
}

TEST(DialogueMask, HidesWhatIsNoCommandBehindARefusedAuth) {
    DialogueMask mask;
    (void)mask.server_line("220 mx.example ESMTP");
    EXPECT_EQ(mask.client_line("AUTH LOGIN"), "AUTH LOGIN");
    EXPECT_EQ(mask.server_line("504 5.5.4 no"), "504 5.5.4 no");
    for (int word = 0; word < 2; ++word) {
        EXPECT_EQ(mask.client_line("c2VjcmV0"), "...");
        EXPECT_TRUE(mask.hides_client_line());
        (void)mask.server_line("500 5.5.1 unknown");
    }
    EXPECT_EQ(mask.client_line(" AUTH PLAIN c2VjcmV0"), "AUTH PLAIN ...");
    (void)mask.server_line("535 5.7.8 no");
    EXPECT_EQ(mask.client_line("mail FROM:<a@b>"), "mail FROM:<a@b>");
    EXPECT_FALSE(mask.hides_client_line());
    (void)mask.server_line("250 ok");
    EXPECT_EQ(mask.client_line("XYZZY"), "XYZZY");
}

TEST(DialogueMask, ShowsWhatFollowsASuccess) {
    DialogueMask mask;
    (void)mask.server_line("220 mx.example ESMTP");
    (void)mask.client_line("AUTH PLAIN c2VjcmV0");
    (void)mask.server_line("235 2.7.0 welcome");
    EXPECT_EQ(mask.client_line("XYZZY"), "XYZZY");
}

TEST(DialogueMask, AMessageBetweenCommandsDoesNotShiftTheReplies) {
    DialogueMask mask;
    (void)mask.server_line("220 mx");
    (void)mask.client_line("DATA");
    (void)mask.server_line("354 go on");
    (void)mask.client_line("AUTH LOGIN");
    (void)mask.server_line("250 ok");
    EXPECT_EQ(mask.client_line("c2VjcmV0"), "...");
}

// A debug log that was switched on in the middle, or a server that has its own mind.
TEST(DialogueMask, AChallengeIsEnough) {
    DialogueMask mask;
    EXPECT_EQ(mask.server_line("334 "), "334 ");
    EXPECT_EQ(mask.client_line("c2VjcmV0"), "...");
}

TEST(DebugPeer, IsNamedByAddressOrNetwork) {
    const auto is = [](std::string_view option, std::string_view address) {
        return is_debug_peer(option, *IpAddress::parse(address));
    };
    EXPECT_TRUE(is("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(is("192.0.2.1", "192.0.2.10"));
    EXPECT_TRUE(is("192.0.2.1, 198.51.100.0/24", "198.51.100.7"));
    EXPECT_TRUE(is("192.0.2.1 2001:db8::/32", "2001:db8::1"));
    EXPECT_FALSE(is("2001:db8::/32", "192.0.2.1"));
    EXPECT_TRUE(is("0.0.0.0/0", "192.0.2.1"));
    for (const char* nobody : {"", "everybody", "192.0.2.0/33", "192.0.2.0/x", "192.0.2.0/", ",,"})
        EXPECT_FALSE(is(nobody, "192.0.2.0")) << nobody;
}

}  // namespace
}  // namespace sluice::log
