#include "channels/tcp_smtp/server/session_settings.h"

#include <gtest/gtest.h>

#include "support/channel_builder.h"

namespace sluice::smtp_server {
namespace {

/// A configuration with the channels l, tcp_local and tcp_intranet.
struct Site {
    explicit Site(
        std::string_view tcp_local = {},
        std::string_view tcp_intranet = {},
        std::string_view channel_options = {},
        std::string_view options = {}
    )
        : configuration(config::Tailor("/nowhere")) {
        Diagnostics findings;
        configuration.options = config::parse_options(options, "option.dat", findings);
        configuration.channel_options["tcp_local"] =
            config::parse_tcp_channel_options(channel_options, "tcp_local_option", findings);
        EXPECT_FALSE(findings.has_errors()) << findings.items()[0].to_string();
        configuration.imta.channels.add(channel::make_channel("l", "", "mail.sesta.com"));
        configuration.imta.channels.add(channel::make_channel("tcp_local", tcp_local));
        configuration.imta.channels.add(channel::make_channel("tcp_intranet", tcp_intranet));
    }
    [[nodiscard]] const channel::Channel& outside() const {
        return *configuration.imta.channels.find("tcp_local");
    }
    [[nodiscard]] const channel::Channel& inside() const {
        return *configuration.imta.channels.find("tcp_intranet");
    }
    [[nodiscard]] smtp::ServerSettings protocol() const {
        return protocol_settings(configuration, outside(), outside());
    }
    [[nodiscard]] ConnectionSettings connection() const {
        return connection_settings(configuration, outside());
    }
    config::Configuration configuration;
};

TEST(ProtocolSettings, DefaultsAreSafe) {
    const auto settings = Site().protocol();
    EXPECT_EQ(settings.host, "mail.sesta.com");
    EXPECT_EQ(settings.product, "Sluice");
    EXPECT_TRUE(settings.ehlo && settings.eight_bit_mime && settings.chunking && settings.dsn);
    EXPECT_FALSE(settings.starttls || settings.tls_required || settings.auth_required);
    EXPECT_TRUE(settings.auth_mechanisms.empty());
    EXPECT_FALSE(settings.xadr || settings.xsta || settings.xcir || settings.xgen);
    EXPECT_FALSE(settings.send_commands);
    EXPECT_EQ(settings.recipients_per_transaction, 128U);
    EXPECT_EQ(settings.disconnect_bad_commands, 20U);
    EXPECT_EQ(settings.etrns_per_session, 1U);
    EXPECT_EQ(settings.max_b_entries, 10U);
    EXPECT_EQ(settings.message_size, 0U);
    EXPECT_FALSE(settings.transactions_per_session || settings.transaction_limit);
    EXPECT_FALSE(settings.refused_above_recipients || settings.rejections_before_deferral);
}

TEST(ProtocolSettings, OnlyCrLfEndsALineUnlessAKeywordSaysOtherwise) {
    EXPECT_EQ(Site().protocol().line_endings, smtp::LineEndings::crlf);
    EXPECT_EQ(Site("smtp").protocol().line_endings, smtp::LineEndings::crlf);
    EXPECT_EQ(Site("smtp_crlf").protocol().line_endings, smtp::LineEndings::crlf);
    EXPECT_EQ(Site("smtp_lf").protocol().line_endings, smtp::LineEndings::crlf_or_lf);
    EXPECT_EQ(Site("smtp_cr").protocol().line_endings, smtp::LineEndings::crlf_or_cr);
    EXPECT_EQ(Site("smtp_crorlf").protocol().line_endings, smtp::LineEndings::any);
}

TEST(ProtocolSettings, LongLinesFollowTheKeywords) {
    EXPECT_EQ(Site().protocol().long_lines, smtp::LongLines::truncate);
    EXPECT_EQ(Site("wrapsmtplonglines").protocol().long_lines, smtp::LongLines::wrap);
    EXPECT_EQ(Site("rejectsmtplonglines").protocol().long_lines, smtp::LongLines::reject);
}

TEST(ProtocolSettings, TheSmallestSizeLimitIsOffered) {
    EXPECT_EQ(Site("", "", "", "BLOCK_LIMIT=100\n").protocol().message_size, 100U * 1024);
    EXPECT_EQ(
        Site("sourceblocklimit=50", "", "", "BLOCK_LIMIT=100\n").protocol().message_size, 51200U
    );
    EXPECT_EQ(Site("blocklimit=20").protocol().message_size, 20480U);
    EXPECT_EQ(Site("sourceblocklimit=5", "", "", "BLOCK_SIZE=10\n").protocol().message_size, 50U);
}

TEST(ProtocolSettings, OptionAndKeywordTogetherGiveTheSmallerLimit) {
    const Site site(
        "recipientlimit=50 recipientcutoff=70 disconnecttransactionlimit=3 deferralrejectlimit=9 "
        "transactionlimit=8 disconnectrecipientlimit=7 disconnectrejectlimit=6 "
        "disconnectbadcommandlimit=5",
        "",
        "ALLOW_RECIPIENTS_PER_TRANSACTION=60\nREJECT_RECIPIENTS_PER_TRANSACTION=65\n"
        "ALLOW_TRANSACTIONS_PER_SESSION=4\nALLOW_REJECTIONS_BEFORE_DEFERRAL=10\n"
        "TRANSACTION_LIMIT_RCPT_TO=100\nALLOW_ETRNS_PER_SESSION=2\nMAX_HELO_DOMAIN_LENGTH=99\n"
    );
    const auto settings = site.protocol();
    EXPECT_EQ(settings.recipients_per_transaction, 50U);
    EXPECT_EQ(settings.refused_above_recipients, 65U);
    EXPECT_EQ(settings.transactions_per_session, 3U);
    EXPECT_EQ(settings.rejections_before_deferral, 9U);
    EXPECT_EQ(settings.transaction_limit, 8U);
    EXPECT_EQ(settings.disconnect_recipients, 7U);
    EXPECT_EQ(settings.disconnect_rejections, 6U);
    EXPECT_EQ(settings.disconnect_bad_commands, 5U);
    EXPECT_EQ(settings.recipients_per_session, 100U);
    EXPECT_EQ(settings.etrns_per_session, 2U);
    EXPECT_EQ(settings.max_hello_domain, 99U);
}

TEST(ProtocolSettings, KeywordsOfTheSourceChannelCountWithOptionsOfTheDefaultChannel) {
    const Site site(
        "recipientlimit=5", "recipientlimit=500 refuseehlo", "BANNER_HOST=mx.sesta.com\n"
    );
    const auto inside = protocol_settings(site.configuration, site.outside(), site.inside());
    EXPECT_EQ(inside.host, "mx.sesta.com");
    EXPECT_FALSE(inside.ehlo);
    EXPECT_EQ(inside.recipients_per_transaction, 128U);
    EXPECT_EQ(site.protocol().recipients_per_transaction, 5U);
}

TEST(ProtocolSettings, StrangersLearnNothingFromVrfyAndExpn) {
    const Site site;
    EXPECT_TRUE(site.protocol().hide_verify);
    EXPECT_TRUE(site.protocol().disable_expand);
    const auto inside = protocol_settings(site.configuration, site.outside(), site.inside());
    EXPECT_FALSE(inside.hide_verify);
    EXPECT_FALSE(inside.disable_expand);
    const auto open = Site("vrfyallow expnallow").protocol();
    EXPECT_EQ(open.verify, smtp::VerifyPolicy::allow);
    EXPECT_EQ(open.expand, smtp::ExpandPolicy::allow);
    const auto closed = Site("vrfyhide expndisable").protocol();
    EXPECT_EQ(closed.verify, smtp::VerifyPolicy::hide);
    EXPECT_EQ(closed.expand, smtp::ExpandPolicy::disable);
    EXPECT_FALSE(Site("submit").protocol().hide_verify);
}

TEST(ProtocolSettings, WhatIsDemandedAndCannotBeHadIsRefusedNotForgotten) {
    const auto settings = Site("musttlsserver mustsaslserver").protocol();
    EXPECT_TRUE(settings.starttls);
    EXPECT_TRUE(settings.tls_required);
    EXPECT_TRUE(settings.auth_required);
}

TEST(ProtocolSettings, BannerFollowsTheOptionFile) {
    const auto settings =
        Site(
            "", "",
            "BANNER_ADDITION= at your service\nCUSTOM_VERSION_STRING=mailer\n"
            "EHLO_ADDITION=XONE|XTWO 2\nSMTP_QSND=1\nDISABLE_SEND=0\nHOSTILE_COMMANDS=WIZ\n"
        )
            .protocol();
    EXPECT_EQ(settings.custom_version, "mailer");
    EXPECT_NE(settings.banner_addition.find("at your service"), std::string::npos);
    EXPECT_EQ(settings.ehlo_additions, (std::vector<std::string>{"XONE", "XTWO 2"}));
    EXPECT_TRUE(settings.qsnd);
    EXPECT_TRUE(settings.send_commands);
    EXPECT_EQ(settings.hostile_commands, std::vector<std::string>{"WIZ"});
}

TEST(ConnectionSettings, TimesComeFromTheOptionFile) {
    const auto usual = Site().connection();
    EXPECT_EQ(usual.command_receive, std::chrono::minutes(10));
    EXPECT_EQ(usual.data_receive, std::chrono::minutes(10));
    const auto fast = Site(
                          "submit", "",
                          "TIMEOUT_MULTIPLIER=1\nCOMMAND_RECEIVE_TIME=5\nDATA_RECEIVE_TIME=6\n"
                          "STATUS_TRANSMIT_TIME=7\nBANNER_PURGE_DELAY=150\nBANNER_EARLYTALK=drop\n"
                          "MAX_J_ENTRIES=3\n"
    )
                          .connection();
    EXPECT_EQ(fast.command_receive, std::chrono::seconds(5));
    EXPECT_EQ(fast.data_receive, std::chrono::seconds(6));
    EXPECT_EQ(fast.status_transmit, std::chrono::seconds(7));
    EXPECT_EQ(fast.banner_delay, std::chrono::milliseconds(1500));
    EXPECT_EQ(fast.early_talk, ConnectionSettings::EarlyTalk::drop);
    EXPECT_EQ(fast.max_j_entries, 3U);
    EXPECT_TRUE(fast.submission);
}

struct NamingRow {
    const char* keywords;
    const char* options;
    bool look_up, switches, name, address;
    log::PeerDisplay display;
};

class PeerNamingOf : public testing::TestWithParam<NamingRow> {};

TEST_P(PeerNamingOf, FollowsIdentKeywordsAndCheckSource) {
    const NamingRow& row = GetParam();
    const PeerNaming naming = Site(row.keywords, "", row.options).connection().naming;
    EXPECT_EQ(naming.look_up, row.look_up);
    EXPECT_EQ(naming.name_switches, row.switches);
    EXPECT_EQ(naming.name_in_received, row.name);
    EXPECT_EQ(naming.address_in_received, row.address);
    EXPECT_EQ(naming.log_display, row.display);
}

using Display = log::PeerDisplay;
INSTANTIATE_TEST_SUITE_P(
    Rows,
    PeerNamingOf,
    testing::Values(
        NamingRow{"", "", true, true, true, true, Display::name_and_address},
        NamingRow{"identnone", "", true, true, true, true, Display::name_and_address},
        NamingRow{"identnonelimited", "", true, false, true, true, Display::none},
        NamingRow{"identnonenumeric", "", false, false, false, true, Display::address_only},
        NamingRow{"identnonesymbolic", "", true, true, true, false, Display::name_only},
        NamingRow{"identtcpnumeric", "", false, false, false, true, Display::address_only},
        NamingRow{"", "CHECK_SOURCE=0\n", true, false, false, true, Display::name_and_address}
    )
);

TEST(PeerNaming, IdentIsAskedOnlyWhereAKeywordWantsIt) {
    for (const char* keyword :
         {"identtcp", "identtcplimited", "identtcpnumeric", "identtcpsymbolic"})
        EXPECT_TRUE(Site(keyword).connection().naming.ask_ident) << keyword;
    for (const char* keyword : {"", "identnone", "identnonenumeric"})
        EXPECT_FALSE(Site(keyword).connection().naming.ask_ident) << keyword;
}

TEST(SourceSettings, ReadTheKeywords) {
    const auto usual = source_settings(channel::make_channel("tcp_local"));
    EXPECT_EQ(usual.etrn, SourceSettings::Etrn::silent);
    EXPECT_TRUE(usual.received_for && usual.received_from);
    EXPECT_FALSE(usual.mail_from_dns_verify || usual.hold_above);
    const auto set = source_settings(channel::make_channel(
        "tcp_local", "allowetrn mailfromdnsverify noreceivedfor noreceivedfrom holdlimit=20"
    ));
    EXPECT_EQ(set.etrn, SourceSettings::Etrn::named);
    EXPECT_TRUE(set.mail_from_dns_verify);
    EXPECT_FALSE(set.received_for || set.received_from);
    EXPECT_EQ(set.hold_above, 20U);
    EXPECT_EQ(
        source_settings(channel::make_channel("a", "domainetrn")).etrn,
        SourceSettings::Etrn::domains_only
    );
}

TEST(DestinationLimits, AreOctetsAndLines) {
    const Site site("blocklimit=3 linelimit=40", "", "", "LINE_LIMIT=50\n");
    EXPECT_EQ(size_limit(site.configuration, site.outside()), 3072U);
    EXPECT_EQ(size_limit(site.configuration, site.inside()), std::nullopt);
    EXPECT_EQ(line_limit(site.configuration, site.outside()), 40U);
    EXPECT_EQ(line_limit(site.configuration, site.inside()), 50U);
}

}  // namespace
}  // namespace sluice::smtp_server
