#include "config/dispatcher_cnf.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

struct Read {
    explicit Read(std::string_view text)
        : dispatcher(parse_dispatcher_cnf(text, "dispatcher.cnf", findings)) {}
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items()) {
            out += item.code + "@" + std::to_string(item.where.line) + " ";
        }
        return out;
    }
    [[nodiscard]] std::string sockets(std::string_view service) const {
        std::string out;
        const auto* found = dispatcher.find(service);
        if (found == nullptr) return "no service";
        for (const auto& listen : found->listen) out += listen.to_debug_string() + "; ";
        return out;
    }
    Diagnostics findings;
    DispatcherConfiguration dispatcher;
};

TEST(DispatcherCnf, ReadsTheManualsSample) {
    const Read read(
        "MIN_PROCS=1\nMAX_PROCS=5\nMIN_CONNS=5\nMAX_CONNS=20\nMAX_LIFE_TIME=86400\n"
        "MAX_LIFE_CONNS=10000\nMAX_SHUTDOWN=2\n"
        "[SERVICE=SMTP]\nPORT=25\nIMAGE=IMTA_BIN:tcp_smtp_server\n"
        "LOGFILE=IMTA_LOG:tcp_smtp_server.log\nPARAMETER=CHANNEL=tcp_local\n"
        "[SERVICE=SMTP_SUBMIT]\nPORT=587\nIMAGE=IMTA_BIN:tcp_smtp_server\nMAX_CONNS=8\n"
        "PARAMETER=CHANNEL=tcp_submit\n"
    );
    EXPECT_EQ(read.codes(), "");
    ASSERT_EQ(read.dispatcher.services.size(), 2U);
    const auto& smtp = *read.dispatcher.find("smtp");
    EXPECT_EQ(smtp.image, "IMTA_BIN:tcp_smtp_server");
    EXPECT_EQ(smtp.parameter, "CHANNEL=tcp_local");
    EXPECT_EQ(smtp.max_conns, 20);
    EXPECT_EQ(smtp.listen_backlog(), 100);
    EXPECT_EQ(smtp.max_handoffs, 5);
    EXPECT_EQ(read.dispatcher.find("SMTP_SUBMIT")->max_conns, 8);
    EXPECT_EQ(read.dispatcher.find("SMTP_SUBMIT")->listen_backlog(), 40);
    EXPECT_EQ(read.sockets("SMTP_SUBMIT"), "587; ");
}

TEST(DispatcherCnf, PortsMayNameTheirAddress) {
    const Read read(
        "INTERFACE_ADDRESS=192.0.2.1\n"
        "[SERVICE=A]\nIMAGE=x\nPORT=25, 127.0.0.1:2525,[::1]:2525\nTLS_PORT=16%1D1\n"
        "[SERVICE=B]\nIMAGE=x\nPORT=26\nINTERFACE_ADDRESS=::1\n"
    );
    EXPECT_EQ(read.codes(), "");
    EXPECT_EQ(read.sockets("A"), "192.0.2.1:25; 127.0.0.1:2525; [::1]:2525; 192.0.2.1:465 tls; ");
    EXPECT_EQ(read.sockets("B"), "[::1]:26; ");
}

TEST(DispatcherCnf, ServiceWithAnErrorIsDisabledAndTheOthersStart) {
    const Read read(
        "[SERVICE=NO_IMAGE]\nPORT=1\n"
        "[SERVICE=NO_PORT]\nIMAGE=x\n"
        "[SERVICE=BAD_PORT]\nIMAGE=x\nPORT=25,70000\n"
        "[SERVICE=GOOD]\nIMAGE=x\nPORT=127.0.0.1:25\n"
        "[SERVICE=TAKEN]\nIMAGE=x\nPORT=25\n"
        "[SERVICE=OTHER_ADDRESS]\nIMAGE=x\nPORT=127.0.0.2:25\n"
        "[SERVICE=TWICE]\nIMAGE=x\nPORT=99\nTLS_PORT=99\n"
        "[ROOM=x]\n"
    );
    EXPECT_EQ(read.codes(), "E431@1 E431@3 E432@7 E433@11 E433@17 E430@21 ");
    ASSERT_EQ(read.dispatcher.services.size(), 2U);
    EXPECT_EQ(read.dispatcher.services[0].name, "GOOD");
    EXPECT_EQ(read.dispatcher.services[1].name, "OTHER_ADDRESS");
}

TEST(DispatcherCnf, CaretPointsAtTheBadPort) {
    const Read read("[SERVICE=A]\nIMAGE=x\nPORT=25, x\n");
    EXPECT_EQ(
        read.findings.items().at(0).to_string(),
        "dispatcher.cnf:3:9: error: not a port, service A is disabled [E432]\n"
        "  PORT=25, x\n"
        "          ^\n"
        "  hint: write 25, 127.0.0.1:25 or [::1]:25, with commas between several"
    );
}

TEST(DispatcherCnf, FiveDnsListsAccumulateAndTheSixthIsRefused) {
    std::string text = "DNS_VERIFY_DOMAIN=common.example\n[SERVICE=A]\nIMAGE=x\nPORT=25\n";
    for (int i = 1; i <= 5; ++i) text += "DNS_VERIFY_DOMAIN=l" + std::to_string(i) + ".example\n";
    const Read read(text);
    EXPECT_EQ(read.codes(), "W430@9 ");
    const auto& lists = read.dispatcher.find("A")->dns_verify_domains;
    ASSERT_EQ(lists.size(), max_dns_lists);
    EXPECT_EQ(lists.front(), "common.example");
    EXPECT_EQ(lists.back(), "l4.example");
}

TEST(DispatcherCnf, DnsListMayHaveALevelAndMustHaveAName) {
    const Read read(
        "[SERVICE=A]\nIMAGE=x\nPORT=25\nDNS_VERIFY_DOMAIN=bl.example, 2\nDNS_VERIFY_DOMAIN=,1\n"
    );
    EXPECT_EQ(read.codes(), "W430@5 ");
    EXPECT_EQ(
        read.dispatcher.find("A")->dns_verify_domains, std::vector<std::string>{"bl.example"}
    );
}

TEST(DispatcherCnf, MistakesAreWarnedAbout) {
    const Read read(
        "MAX_PROC=3\nASTLM=1\n[SERVICE=A]\nIMAGE=x\nPORT=25\nMIN_CONNS=30\nMAX_CONNS=20\n"
    );
    EXPECT_EQ(read.codes(), "W405@1 W431@2 W404@3 ");
    EXPECT_EQ(read.dispatcher.find("A")->min_conns, 20);
}

TEST(DispatcherDebug, MaskOfTheEnvironmentIsHexadecimal) {
    EXPECT_EQ(parse_debug_mask("4000"), 16384);
    EXPECT_EQ(parse_debug_mask("FFFFFFFF"), -1);
    EXPECT_EQ(parse_debug_mask("x"), std::nullopt);
    EXPECT_EQ(parse_debug_mask(""), std::nullopt);
}

}  // namespace
}  // namespace sluice::config
