#include "dispatcher/service_settings.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

config::DispatcherService service_of(std::string_view text) {
    Diagnostics findings;
    auto read = config::parse_dispatcher_cnf(text, "dispatcher.cnf", findings);
    EXPECT_FALSE(findings.has_errors());
    return read.services.at(0);
}

TEST(ServiceSettings, ResolveProgramLogAndSockets) {
    const config::Tailor tailor("/opt/mta");
    const auto service = service_of(
        "MAX_CONNS=20\nMAX_PROCS=4\n[SERVICE=SMTP]\nPORT=127.0.0.1:2525,25\nTLS_PORT=465\n"
        "IMAGE=IMTA_BIN:tcp_smtp_server\nLOGFILE=IMTA_LOG:tcp.log\n"
        "PARAMETER=CHANNEL=tcp_submit THREADS=4\n"
    );
    const auto settings = service_settings(service, tailor, {true});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->program, "/opt/mta/lib/tcp_smtp_server");
    EXPECT_EQ(settings->log_file, "/opt/mta/log/tcp.log");
    EXPECT_EQ(settings->arguments, (std::vector<std::string>{"CHANNEL=tcp_submit", "THREADS=4"}));
    ASSERT_EQ(settings->listen.size(), 3U);
    EXPECT_EQ(settings->listen[0], (Endpoint{*IpAddress::parse("127.0.0.1"), 2525}));
    EXPECT_EQ(settings->listen[1], (Endpoint{*IpAddress::parse("0.0.0.0"), 25}));
    EXPECT_EQ(settings->listen[2], (Endpoint{*IpAddress::parse("::"), 25}));
    EXPECT_EQ(settings->listen_tls.size(), 2U);
    EXPECT_EQ(settings->backlog, 80);
    EXPECT_EQ(settings->limits.max_conns, 20U);
    EXPECT_EQ(channel_of(service), "tcp_submit");
}

TEST(ServiceSettings, WithoutIpv6EveryAddressIsOneSocket) {
    const config::Tailor tailor("/opt/mta");
    const auto service = service_of("[SERVICE=SMTP]\nPORT=25\nIMAGE=/bin/server\n");
    const auto settings = service_settings(service, tailor, {false});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->listen.size(), 1U);
    EXPECT_EQ(settings->program, "/bin/server");
    EXPECT_TRUE(settings->log_file.empty());
    EXPECT_EQ(channel_of(service), "tcp_local");
}

TEST(ServiceSettings, UnknownPrefixIsAnError) {
    const config::Tailor tailor("/opt/mta");
    const auto service = service_of("[SERVICE=SMTP]\nPORT=25\nIMAGE=IMTA_NOWHERE:server\n");
    EXPECT_FALSE(service_settings(service, tailor, {true}));
}

}  // namespace
}  // namespace sluice::dispatcher
