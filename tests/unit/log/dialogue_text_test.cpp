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
