#include "config/channel_options.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

using namespace std::chrono_literals;

struct Read {
    explicit Read(std::string_view text)
        : options(parse_tcp_channel_options(text, "tcp_local_option", findings)) {}
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items()) {
            out += item.code + "@" + std::to_string(item.where.line) + ":" +
                   std::to_string(item.where.column) + " ";
        }
        return out;
    }
    Diagnostics findings;
    TcpChannelOptions options;
};

TEST(ChannelOptions, EmptyFileGivesTheDefaults) {
    const Read read("");
    EXPECT_EQ(read.options.allow_recipients_per_transaction, 128);
    EXPECT_EQ(read.options.allow_transactions_per_session, std::nullopt);
    EXPECT_EQ(read.options.command_receive_time, 10min);
    EXPECT_EQ(read.options.max_mx_records, 32);
    EXPECT_TRUE(read.options.log_banner);
    EXPECT_TRUE(read.options.disable_address);
    EXPECT_TRUE(read.options.unhonoured_in_use.empty());
}

TEST(ChannelOptions, TimesAreMinutesUnlessTheMultiplierSaysOtherwise) {
    EXPECT_EQ(Read("COMMAND_RECEIVE_TIME=5\n").options.command_receive_time, 5min);
    EXPECT_EQ(Read("COMMAND_RECEIVE_TIME=0.5\n").options.command_receive_time, 30s);
    const Read seconds("COMMAND_RECEIVE_TIME=5\nTIMEOUT_MULTIPLIER=1\n");
    EXPECT_EQ(seconds.options.command_receive_time, 5s);
    EXPECT_EQ(seconds.options.data_receive_time, 10min);
    EXPECT_EQ(
        Read("STATUS_DATA_RECV_PER_ADDR_TIME=0.083333\n").options.status_data_recv_per_addr_time, 5s
    );
    EXPECT_EQ(Read("BANNER_PURGE_DELAY=150\n").options.banner_purge_delay, 1500ms);
}

TEST(ChannelOptions, PartOfASecondIsNotNoTime) {
    EXPECT_EQ(Read("TIMEOUT_MULTIPLIER=1\nDOT_TRANSMIT_TIME=0.2\n").options.dot_transmit_time, 1s);
}

TEST(ChannelOptions, ListsAreSplit) {
    const Read read(
        "EHLO_ADDITION=X-ONE | X-TWO 5\nHOSTILE_COMMANDS=WIZ, "
        "FOO\n522_PERMANENT_ERROR_STRING=5.2.2 full|quota\n"
    );
    EXPECT_EQ(read.options.ehlo_addition, (std::vector<std::string>{"X-ONE", "X-TWO 5"}));
    EXPECT_EQ(read.options.hostile_commands, (std::vector<std::string>{"WIZ", "FOO"}));
    EXPECT_EQ(
        read.options.permanent_552_strings, (std::vector<std::string>{"5.2.2 full", "quota"})
    );
}

TEST(ChannelOptions, CircuitFollowsGeneralUnlessSet) {
    EXPECT_FALSE(Read("DISABLE_GENERAL=0\n").options.disable_circuit);
    EXPECT_TRUE(Read("DISABLE_GENERAL=0\nDISABLE_CIRCUIT=1\n").options.disable_circuit);
}

TEST(ChannelOptions, MistakesAreReported) {
    const Read read(
        "BANNER_ADDITION=a|b\nMAX_CLIENT_THREADS=0\nDATA_RECEIVE_TIME=soon\nMAX_MX_RECORD=3\n"
        "MAIL_TRANSMIT_TIME=-1\nRCPT_TRANSMIT_TIME=99999999\n"
    );
    EXPECT_EQ(read.codes(), "E440@1:18 W404@2:20 E405@3:19 W405@4:1 E405@5:20 W404@6:20 ");
    EXPECT_EQ(read.findings.items()[3].hint, "did you mean MAX_MX_RECORDS?");
    EXPECT_EQ(read.options.banner_addition, "");
    EXPECT_EQ(read.options.max_client_threads, 1);
    EXPECT_EQ(read.options.data_receive_time, 10min);
    EXPECT_EQ(read.options.rcpt_transmit_time, std::chrono::days(7));
}

TEST(ChannelOptions, WaitAfterTheDotGrowsWithRecipientsAndBlocks) {
    const TcpChannelOptions options;
    EXPECT_EQ(options.data_reply_time(0, 0), 10min);
    EXPECT_EQ(options.data_reply_time(2, 10), 10min + 10s + 1s + 4s);
    EXPECT_EQ(options.data_reply_time(1'000'000'000, 1'000'000'000), 24h);
}

TEST(ChannelOptions, OptionsNothingActsUponAreNamed) {
    const Read read("REUSE_TIMED_OUT_TRANSFERS=1\n");
    ASSERT_EQ(read.options.unhonoured_in_use.size(), 1U);
    EXPECT_EQ(read.options.unhonoured_in_use[0].name, "REUSE_TIMED_OUT_TRANSFERS");
}

TEST(ChannelOptions, ManualPageNamesEveryOption) {
    DiskFiles files;
    const auto page = files.read(SLUICE_SOURCE_DIR "/docs/man/channel_option.5");
    ASSERT_TRUE(page);
    for (const auto name : tcp_channel_option_names()) {
        const std::string item = ".It Cm " + std::string(name) + ' ';
        EXPECT_NE(page->find(item), std::string::npos) << name;
    }
}

TEST(ChannelOptions, MissingFileGivesTheDefaults) {
    MemoryFiles files(std::map<std::string, std::string>{});
    Diagnostics diagnostics;
    EXPECT_TRUE(load_tcp_channel_options(files, "/c/tcp_local_option", diagnostics));
}

}  // namespace
}  // namespace sluice::config
