#include "access/probes.h"

#include <gtest/gtest.h>

namespace sluice::access {
namespace {

Endpoint endpoint(const char* address, std::uint16_t port) {
    return {*IpAddress::parse(address), port};
}

Session smtp_session() {
    Session session;
    session.port = PortInfo{endpoint("192.0.2.1", 25), endpoint("198.18.0.9", 4000)};
    session.app = {AppInfo::Protocol::smtp, "mx.example", ""};
    return session;
}

const Sender sender{"tcp_local", "joe@x.example", "", "MAIL", "joe@x.example"};

Recipient recipient() {
    Recipient to;
    to.destination_channel = "l";
    to.address = "bob@example.com";
    to.given = "Bob@Example.COM";
    to.recipient_count = 2;
    to.total_recipient_count = 7;
    to.conversion_tags = {"slow", "cheap"};
    return to;
}

TEST(Probes, PortInfoWritesMappedAddressesAsDottedQuads) {
    EXPECT_EQ(
        port_probe({endpoint("::ffff:192.0.2.1", 25), endpoint("::ffff:198.18.0.9", 4000)}),
        "TCP|192.0.2.1|25|198.18.0.9|4000"
    );
    EXPECT_EQ(
        port_probe({endpoint("2001:db8::1", 25), endpoint("2001:DB8:0::9", 4000)}),
        "TCP|2001:db8::1|25|2001:db8::9|4000"
    );
}

TEST(Probes, AppInfoGrowsWithWhatIsKnown) {
    using Protocol = AppInfo::Protocol;
    EXPECT_EQ(app_info({}, {}), "");
    EXPECT_EQ(app_info({Protocol::smtp, "", ""}, {}), "SMTP");
    EXPECT_EQ(app_info({Protocol::smtp, "pc", ""}, {}), "SMTP/pc");
    EXPECT_EQ(app_info({Protocol::lmtp, "pc", "TLSv1.3"}, {}), "LMTP/pc/TLSv1.3");
}

TEST(Probes, MailFromOtherSourcesBeginsWithABar) {
    EXPECT_EQ(
        from_probe({}, {"l", "amy@example.com", "", "MAIL", ""}, {}), "||MAIL|l|amy@example.com|"
    );
}

TEST(Probes, HaveTheFieldsOfTheirTable) {
    const auto session = smtp_session();
    const Options options;
    EXPECT_EQ(
        from_probe(session, sender, options),
        "TCP|192.0.2.1|25|198.18.0.9|4000|SMTP/mx.example|MAIL|tcp_local|joe@x.example|"
    );
    EXPECT_EQ(
        recipient_probe(AccessTable::orig_send_access, session, sender, recipient(), options),
        "tcp_local|joe@x.example|l|bob@example.com"
    );
    EXPECT_EQ(
        recipient_probe(AccessTable::mail_access, session, sender, recipient(), options),
        "TCP|192.0.2.1|25|198.18.0.9|4000|SMTP/mx.example|MAIL|tcp_local|joe@x.example|l|"
        "bob@example.com"
    );
}

struct ExtraFields {
    unsigned orcpt;
    unsigned counts;
    unsigned tags;
    AccessTable table;
    const char* end;
};

class ProbeOptions : public testing::TestWithParam<ExtraFields> {};

TEST_P(ProbeOptions, AppendFields) {
    Options options;
    options.access_orcpt = GetParam().orcpt;
    options.access_counts = GetParam().counts;
    options.include_conversiontag = GetParam().tags;
    const auto probe = recipient_probe(GetParam().table, {}, sender, recipient(), options);
    EXPECT_EQ(probe.substr(probe.find("bob@example.com")), GetParam().end);
}

INSTANTIATE_TEST_SUITE_P(
    Probes,
    ProbeOptions,
    testing::Values(
        ExtraFields{0, 0, 0, AccessTable::send_access, "bob@example.com"},
        ExtraFields{1, 0, 0, AccessTable::send_access, "bob@example.com|rfc822;Bob@Example.COM"},
        ExtraFields{2, 4, 0, AccessTable::send_access, "bob@example.com|2/7/"},
        ExtraFields{0, 1, 16, AccessTable::send_access, "bob@example.com|2/7/|slow,cheap"},
        ExtraFields{
            16, 16, 64, AccessTable::mail_access,
            "bob@example.com|rfc822;Bob@Example.COM|2/7/|slow,cheap"},
        ExtraFields{2, 2, 8, AccessTable::orig_mail_access, "bob@example.com"},
        ExtraFields{
            8, 0, 32, AccessTable::orig_mail_access,
            "bob@example.com|rfc822;Bob@Example.COM|slow,cheap"},
        ExtraFields{
            2, 0, 8, AccessTable::orig_send_access,
            "bob@example.com|rfc822;Bob@Example.COM|slow,cheap"}
    )
);

TEST(Probes, OriginalRecipientOfTheClientWins) {
    Options options;
    options.access_orcpt = 1;
    auto to = recipient();
    to.original_recipient = "rfc822;list@example.org";
    EXPECT_TRUE(recipient_probe(AccessTable::send_access, {}, sender, to, options)
                    .ends_with("|rfc822;list@example.org"));
}

TEST(Probes, ParanoiaKeepsForeignBarsOutOfTheFields) {
    Options options;
    options.mapping_paranoia = '_';
    auto session = smtp_session();
    session.app.helo = "a|b";
    const Sender tricky{"tcp_local", "x|l|postmaster@y", "u|v@w", "MAIL", ""};
    EXPECT_EQ(
        from_probe(session, tricky, options),
        "TCP|192.0.2.1|25|198.18.0.9|4000|SMTP/a_b|MAIL|tcp_local|x_l_postmaster@y|u_v@w"
    );
}

TEST(InputFlags, DescribeTheSituation) {
    auto session = smtp_session();
    EXPECT_TRUE(from_flags(session).empty());
    session.authenticated = session.tls = session.extended = true;
    EXPECT_EQ(from_flags(session).to_string(), "AT");
    auto to = recipient();
    to.notify_success = to.notify_delay = to.notify_failure = true;
    EXPECT_EQ(recipient_flags(session, to).to_string(), "ADEFST");
    session.app.protocol = AppInfo::Protocol::lmtp;
    EXPECT_EQ(recipient_flags(session, recipient()).to_string(), "ALT");
}

TEST(Probes, ListTablesSeeTheConnectionWhereTheOptionSaysSo) {
    const Session session = smtp_session();
    Options options;
    EXPECT_EQ(list_prefix(ListTable::auth_mapping, session, options), "");
    options.include_connectioninfo = 1 + 64;
    const std::string prefix = "TCP|192.0.2.1|25|198.18.0.9|4000|SMTP/mx.example|";
    EXPECT_EQ(list_prefix(ListTable::auth_mapping, session, options), prefix);
    EXPECT_EQ(list_prefix(ListTable::nohold_mapping, session, options), prefix);
    EXPECT_EQ(list_prefix(ListTable::moderator_mapping, session, options), "");
    EXPECT_EQ(list_prefix(ListTable::cant_mapping, session, options), "");
    EXPECT_EQ(list_prefix(ListTable::hold_mapping, session, options), "");
    EXPECT_EQ(list_prefix(ListTable::auth_mapping, {}, options), "||");
}

}  // namespace
}  // namespace sluice::access
