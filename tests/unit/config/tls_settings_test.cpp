#include "config/tls_settings.h"

#include <gtest/gtest.h>

#include "support/channel_builder.h"

namespace sluice::config {
namespace {

using tls::CertificateFiles;

struct Site {
    explicit Site(
        std::string_view options, std::string_view of_channel = {}, std::string_view keywords = {}
    )
        : configuration(Tailor("/site")), channel(channel::make_channel("tcp_local", keywords)) {
        Diagnostics findings;
        configuration.options = parse_options(options, "option.dat", findings);
        configuration.channel_options["tcp_local"] =
            parse_tcp_channel_options(of_channel, "tcp_local_option", findings);
        EXPECT_TRUE(findings.items().empty());
    }
    [[nodiscard]] ServerTls server() const { return server_tls(configuration, channel); }
    [[nodiscard]] ClientTls client() const { return client_tls(configuration, channel); }

    Configuration configuration;
    channel::Channel channel;
};

using Files = std::vector<CertificateFiles>;

TEST(ServerTls, DefaultsAreTheFamilysFiles) {
    const ServerTls made = Site("").server();
    EXPECT_EQ(
        made.settings.certificates,
        (Files{{"/site/config/server-pub.pem", "/site/config/server-priv.pem"}})
    );
    EXPECT_EQ(made.settings.least, tls::Version::tls_1_2);
    EXPECT_EQ(made.settings.ask, tls::AskCertificate::never);
    EXPECT_TRUE(made.faults.empty());
}

TEST(ServerTls, CertificatesAndKeysBelongTogetherInTheirOrder) {
    EXPECT_EQ(
        Site("TLS_CERTIFICATE_FILE=a.pem, /etc/b.pem\nTLS_KEY_FILE=a.key,/etc/b.key\n")
            .server()
            .settings.certificates,
        (Files{{"/site/config/a.pem", "/site/config/a.key"}, {"/etc/b.pem", "/etc/b.key"}})
    );
    const ServerTls uneven =
        Site("TLS_CERTIFICATE_FILE=/a.pem,/b.pem\nTLS_KEY_FILE=/a.key\n").server();
    EXPECT_EQ(uneven.settings.certificates, (Files{{"/a.pem", "/a.key"}, {"/b.pem", "/b.pem"}}));
    EXPECT_EQ(
        uneven.faults,
        std::vector<std::string>{"2 files in TLS_CERTIFICATE_FILE, but 1 in TLS_KEY_FILE"}
    );
}

TEST(ServerTls, CertificateWithoutAKeyHoldsItsOwn) {
    EXPECT_EQ(
        Site("TLS_CERTIFICATE_FILE=/a.pem\n").server().settings.certificates,
        (Files{{"/a.pem", "/a.pem"}})
    );
    // The key of the MTA's certificate is not that of the channel's.
    EXPECT_EQ(
        Site("TLS_CERTIFICATE_FILE=/a.pem\nTLS_KEY_FILE=/a.key\n", "TLS_CERTIFICATE_FILE=/c.pem\n")
            .server()
            .settings.certificates,
        (Files{{"/c.pem", "/c.pem"}})
    );
}

TEST(ServerTls, ChannelWins) {
    const ServerTls made = Site(
                               "TLS_MIN_VERSION=1.2\nTLS_ASK_CERTIFICATE=2\nTLS_CIPHERS=A\n",
                               "TLS_MIN_VERSION=1.3\nTLS_ASK_CERTIFICATE=1\nTLS_CIPHERS=B\n"
    )
                               .server();
    EXPECT_EQ(made.settings.least, tls::Version::tls_1_3);
    EXPECT_EQ(made.settings.ask, tls::AskCertificate::ask);
    EXPECT_EQ(made.settings.ciphers, "B");
}

TEST(ServerTls, UnknownVersionIsAFault) {
    const ServerTls made = Site("TLS_MIN_VERSION=1.1\n").server();
    EXPECT_EQ(made.settings.least, tls::Version::tls_1_2);
    EXPECT_EQ(
        made.faults,
        std::vector<std::string>{"TLS_MIN_VERSION=1.1 is neither 1.2 nor 1.3, 1.2 is used"}
    );
}

TEST(ClientTls, DemandFollowsTheKeyword) {
    EXPECT_EQ(Site("").client().demand, TlsDemand::none);
    EXPECT_EQ(Site("", "", "maytls").client().demand, TlsDemand::may);
    EXPECT_EQ(Site("", "", "musttlsclient").client().demand, TlsDemand::must);
    EXPECT_EQ(Site("", "TLS_VERIFY=1\n", "musttlsclient").client().demand, TlsDemand::verify);
    EXPECT_EQ(Site("", "TLS_VERIFY=1\n", "maytlsclient").client().demand, TlsDemand::may);
    EXPECT_EQ(Site("", "TLS_VERIFY=1\n", "maytlsserver").client().demand, TlsDemand::none);
}

TEST(ClientTls, HostsHaveRules) {
    const ClientTls made =
        Site("", "TLS_HOSTS=a.example=verify, *.example=must,b.test = NONE\n", "maytlsclient")
            .client();
    EXPECT_TRUE(made.faults.empty());
    EXPECT_EQ(made.demand_for("a.example", "mx.test"), TlsDemand::verify);
    EXPECT_EQ(made.demand_for("A.EXAMPLE", "b.test"), TlsDemand::verify);
    EXPECT_EQ(made.demand_for("c.d.example", "mx.test"), TlsDemand::must);
    EXPECT_EQ(made.demand_for("example", "mx.test"), TlsDemand::may);
    EXPECT_EQ(made.demand_for("other.test", "B.test"), TlsDemand::none);
    EXPECT_EQ(made.demand_for("other.test", "mx.test"), TlsDemand::may);
}

TEST(ClientTls, ItemsThatMakeNoSenseAreFaults) {
    const ClientTls made = Site("", "TLS_HOSTS=a.example,=must,b.example=perhaps\n").client();
    EXPECT_TRUE(made.hosts.empty());
    ASSERT_EQ(made.faults.size(), 3U);
    EXPECT_EQ(
        made.faults[2], "TLS_HOSTS: \"b.example=perhaps\" is not host=none, =may, =must or =verify"
    );
}

TEST(ClientTls, OwnCertificateHasAKeyOrHoldsIt) {
    EXPECT_EQ(Site("").client().settings.certificate, CertificateFiles{});
    EXPECT_EQ(
        Site("", "TLS_CLIENT_CERTIFICATE_FILE=/c.pem\n").client().settings.certificate,
        (CertificateFiles{"/c.pem", "/c.pem"})
    );
    EXPECT_EQ(
        Site("", "TLS_CLIENT_CERTIFICATE_FILE=/c.pem\nTLS_CLIENT_KEY_FILE=/c.key\n")
            .client()
            .settings.certificate,
        (CertificateFiles{"/c.pem", "/c.key"})
    );
}

}  // namespace
}  // namespace sluice::config
