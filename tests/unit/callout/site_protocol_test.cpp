#include "callout/site_protocol.h"

#include <gtest/gtest.h>

namespace sluice::callout {
namespace {

TEST(SiteProtocol, CallThereAndBack) {
    const std::string packet = encode_call({"/lib/a.so", "check", std::string("a\0b", 3)});
    const auto call = decode_call(packet);
    ASSERT_TRUE(call);
    EXPECT_EQ(call->library, "/lib/a.so");
    EXPECT_EQ(call->routine, "check");
    EXPECT_EQ(call->argument, std::string("a\0b", 3));
    for (std::size_t size = 0; size < packet.size(); ++size)
        EXPECT_FALSE(decode_call(std::string_view(packet).substr(0, size))) << size;
    EXPECT_FALSE(decode_call(packet + 'x'));
}

TEST(SiteProtocol, ReplyThereAndBack) {
    using Kind = SiteReply::Kind;
    for (const Kind kind : {Kind::success, Kind::failure, Kind::unusable}) {
        const auto reply = decode_reply(encode_reply({kind, "text"}));
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->kind, kind);
        EXPECT_EQ(reply->text, "text");
    }
    EXPECT_FALSE(decode_reply(""));
    EXPECT_FALSE(decode_reply("Xtext"));
}

TEST(SiteProtocol, WorkedExample) {
    EXPECT_EQ(encode_call({"/l.so", "up", "abc"}), std::string("CALL1\0\5/l.so\0\2up\0\3abc", 21));
}

}  // namespace
}  // namespace sluice::callout
