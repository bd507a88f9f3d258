#include "access/connection_record.h"

#include <gtest/gtest.h>

namespace sluice::access {
namespace {

Session session_with(std::string helo, std::string tls_info) {
    Session session;
    session.port =
        PortInfo{{*IpAddress::parse("192.0.2.9"), 25}, {*IpAddress::parse("2001:db8::7"), 1244}};
    session.app = {AppInfo::Protocol::smtp, std::move(helo), std::move(tls_info)};
    session.extended = true;
    return session;
}

TEST(ConnectionRecord, HoldsWhatTheTablesAsk) {
    EXPECT_EQ(
        to_connection_record(session_with("client.test", "")),
        "TCP|192.0.2.9|25|2001:db8::7|1244|SMTP|E||client.test"
    );
    EXPECT_EQ(to_connection_record({}), std::nullopt);
}

TEST(ConnectionRecord, ComesBackAsItWas) {
    for (Session session : {session_with("client.test", ""), session_with("a|b", "TLSv1.3/AES")}) {
        for (const bool lmtp : {false, true}) {
            session.authenticated = session.tls = lmtp;
            session.app.protocol = lmtp ? AppInfo::Protocol::lmtp : AppInfo::Protocol::smtp;
            const auto back = parse_connection_record(*to_connection_record(session));
            ASSERT_TRUE(back);
            EXPECT_EQ(connection_prefix(*back, {}), connection_prefix(session, {}));
            const Recipient nobody;
            EXPECT_EQ(recipient_flags(*back, nobody), recipient_flags(session, nobody));
        }
    }
}

TEST(ConnectionRecord, OtherTextIsNone) {
    for (const char* text :
         {"", "TCP", "TCP|192.0.2.9|25", "X25|192.0.2.9|25|192.0.2.8|1|SMTP|||h",
          "TCP|nowhere|25|192.0.2.8|1|SMTP|||h", "TCP|192.0.2.9|65536|192.0.2.8|1|SMTP|||h",
          "TCP|192.0.2.9|25|192.0.2.8|1|UUCP|||h"}) {
        EXPECT_FALSE(parse_connection_record(text)) << text;
    }
}

}  // namespace
}  // namespace sluice::access
