#include "channel/channel_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/channel_builder.h"

namespace sluice::channel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct SplitCase {
    const char* channel;
    const char* keywords;
    SplitRule expected;
};
class SplitRuleOf : public testing::TestWithParam<SplitCase> {};
TEST_P(SplitRuleOf, FollowsKeywordsAndProtocol) {
    EXPECT_EQ(
        split_rule(make_channel(GetParam().channel, GetParam().keywords)), GetParam().expected
    );
}
INSTANTIATE_TEST_SUITE_P(
    Channels,
    SplitRuleOf,
    testing::Values(
        SplitCase{"tcp_local", "smtp", SplitRule::single_sys},
        SplitCase{"tcp_local", "", SplitRule::single_sys},
        SplitCase{"tcp_lmtpcs", "lmtp", SplitRule::single_sys},
        SplitCase{"tcp_gw", "smtp daemon=router", SplitRule::multiple},
        SplitCase{"tcp_gw", "smtp daemon=router single_sys", SplitRule::single_sys},
        SplitCase{"tcp_local", "smtp multiple", SplitRule::multiple},
        SplitCase{"l", "", SplitRule::multiple},
        SplitCase{"pipe", "single", SplitRule::single},
        SplitCase{"other", "smtp", SplitRule::single_sys}
    )
);

TEST(AddressesPerFile, IsLimitedOnSmtpChannelsOnly) {
    EXPECT_EQ(addresses_per_file(make_channel("tcp_local", "smtp")), 99U);
    EXPECT_EQ(addresses_per_file(make_channel("l")), std::nullopt);
    EXPECT_EQ(addresses_per_file(make_channel("tcp_local", "smtp addrsperfile=5")), 5U);
    EXPECT_EQ(addresses_per_file(make_channel("l", "addrsperfile=0")), 1U);
}

TEST(Protocol, TcpChannelWithoutKeywordSpeaksSmtp) {
    EXPECT_TRUE(is_smtp(make_channel("tcp_local")));
    EXPECT_EQ(line_end(make_channel("tcp_local")), LineEnd::crorlf);
    EXPECT_EQ(line_end(make_channel("tcp_local", "smtp")), LineEnd::crlf);
    EXPECT_EQ(line_end(make_channel("tcp_local", "lmtp_lf")), LineEnd::lf);
    EXPECT_FALSE(is_smtp(make_channel("tcp_local", "nosmtp")));
    EXPECT_FALSE(is_smtp(make_channel("tcp_local", "lmtp")));
    EXPECT_TRUE(is_lmtp(make_channel("tcp_local", "lmtp")));
    EXPECT_FALSE(is_smtp(make_channel("l")));
}

TEST(Subdirectories, AreBetweenOneAnd999) {
    EXPECT_EQ(subdirectory_count(make_channel("l")), 1U);
    EXPECT_EQ(subdirectory_count(make_channel("l", "subdirs=20")), 20U);
    EXPECT_EQ(subdirectory_count(make_channel("l", "subdirs=20 nosubdirs")), 1U);
}

TEST(Pool, PriorityHasItsOwnBeforeTheCommonOne) {
    const Channel channel = make_channel("tcp_x", "pool=A urgentqueue=U");
    EXPECT_EQ(pool(channel), "A");
    EXPECT_EQ(pool(channel, Priority::urgent), "U");
    EXPECT_EQ(pool(make_channel("tcp_x")), std::nullopt);
    EXPECT_EQ(max_jobs(make_channel("tcp_x")), 100U);
    EXPECT_EQ(max_jobs(make_channel("tcp_x", "maxjobs=0")), 1U);
}

TEST(Backoff, DefaultsDependOnPriorityAndTheLastRepeats) {
    const Channel channel = make_channel("tcp_x");
    EXPECT_THAT(
        backoff_schedule(channel, Priority::urgent),
        ElementsAre(30min, 60min, 60min, 120min, 120min, 120min, 240min)
    );
    EXPECT_THAT(
        backoff_schedule(channel, Priority::normal),
        ElementsAre(60min, 120min, 120min, 240min, 240min, 240min, 480min)
    );
    EXPECT_THAT(
        backoff_schedule(channel, Priority::nonurgent),
        ElementsAre(120min, 240min, 240min, 480min, 480min, 480min, 960min)
    );
    EXPECT_EQ(backoff_after(channel, Priority::normal, 1), 60min);
    EXPECT_EQ(backoff_after(channel, Priority::normal, 7), 480min);
    EXPECT_EQ(backoff_after(channel, Priority::normal, 1000), 480min);
}

TEST(Backoff, SpecificPriorityBeatsTheCommonOneInAnyOrder) {
    const Channel channel = make_channel("tcp_x", "urgentbackoff=PT1M backoff=PT5M,PT10M");
    EXPECT_THAT(backoff_schedule(channel, Priority::urgent), ElementsAre(1min));
    EXPECT_THAT(backoff_schedule(channel, Priority::normal), ElementsAre(5min, 10min));
    EXPECT_THAT(backoff_schedule(channel, Priority::third_class), ElementsAre(5min, 10min));
}

TEST(HostProbe, IsForChannelsThatSpeakSmtpOrLmtp) {
    EXPECT_TRUE(probes_hosts(make_channel("tcp_local", "smtp")));
    EXPECT_TRUE(probes_hosts(make_channel("tcp_other", "nosmtp")));
    EXPECT_TRUE(probes_hosts(make_channel("store", "lmtp")));
    EXPECT_FALSE(probes_hosts(make_channel("pipe")));
    EXPECT_TRUE(probes_hosts(make_channel("pipe", "hostprobe")));
    EXPECT_FALSE(probes_hosts(make_channel("tcp_local", "smtp nohostprobe")));
}

TEST(HostBackoff, IsItsOwnElseTheChannelsElseShort) {
    EXPECT_THAT(
        host_backoff_schedule(make_channel("tcp_local")), ElementsAre(5min, 15min, 30min, 60min)
    );
    EXPECT_THAT(
        host_backoff_schedule(make_channel("tcp_x", "hostbackoff=PT1H backoff=PT5M")),
        ElementsAre(60min)
    );
    EXPECT_THAT(host_backoff_schedule(make_channel("tcp_x", "backoff=PT5M")), testing::IsEmpty());
    EXPECT_THAT(
        host_backoff_schedule(make_channel("tcp_x", "normalbackoff=PT5M")), testing::IsEmpty()
    );
}

TEST(HostRamp, IsTenSecondsADayAtMost) {
    EXPECT_EQ(host_ramp(make_channel("tcp_local")), 10s);
    EXPECT_EQ(host_ramp(make_channel("tcp_local", "hostramp=0")), 0s);
    EXPECT_EQ(host_ramp(make_channel("tcp_local", "hostramp=-1")), 0s);
    EXPECT_EQ(host_ramp(make_channel("tcp_local", "hostramp=1000000")), 24h);
}

TEST(NoticeAges, FallBackToTheLocalChannelAndThenTheBuiltIn) {
    ChannelTable table;
    table.add(make_channel("l", "notices=1,2"));
    table.add(make_channel("tcp_x", "notices=3,5 urgentnotices=1"));
    table.add(make_channel("tcp_y"));
    EXPECT_THAT(notice_ages(*table.find("tcp_x"), Priority::normal, table), ElementsAre(3, 5));
    EXPECT_THAT(notice_ages(*table.find("tcp_x"), Priority::urgent, table), ElementsAre(1));
    EXPECT_THAT(notice_ages(*table.find("tcp_y"), Priority::normal, table), ElementsAre(1, 2));
    ChannelTable bare;
    bare.add(make_channel("l"));
    EXPECT_THAT(notice_ages(*bare.local(), Priority::normal, bare), ElementsAre(3, 6, 9, 12));
}

TEST(NoticeAges, SpecificOnesCountOnlyAfterTheCommonOnes) {
    ChannelTable table;
    table.add(make_channel("l", "urgentnotices=1 notices=3,5"));
    EXPECT_THAT(notice_ages(*table.local(), Priority::urgent, table), ElementsAre(3, 5));
}

TEST(Routing, DaemonPortAndMx) {
    const Channel plain = make_channel("tcp_x", "smtp");
    EXPECT_EQ(daemon_host(plain), std::nullopt);
    EXPECT_EQ(port(plain), 25);
    EXPECT_EQ(mx_use(plain), MxUse::random);
    const Channel gateway = make_channel("tcp_x", "nomx daemon=router port=2525", "gw.example");
    EXPECT_EQ(daemon_host(gateway), "gw.example");
    EXPECT_EQ(port(gateway), 2525);
    EXPECT_EQ(mx_use(gateway), MxUse::none);
    EXPECT_EQ(daemon_host(make_channel("tcp_x", "daemon=gate.example")), "gate.example");
    EXPECT_EQ(daemon_host(make_channel("tcp_x", "daemon=[192.0.2.1]")), "[192.0.2.1]");
    EXPECT_EQ(mx_use(make_channel("tcp_x", "nonrandommx")), MxUse::in_order);
    EXPECT_EQ(mx_use(make_channel("tcp_x", "nodns")), MxUse::host_table);
}

TEST(Demands, LastKeywordOfEachDirectionCounts) {
    const Channel channel = make_channel("tcp_x", "maytls musttlsclient mustsaslserver");
    EXPECT_EQ(tls_server(channel), Demand::may);
    EXPECT_EQ(tls_client(channel), Demand::must);
    EXPECT_EQ(sasl_server(channel), Demand::must);
    EXPECT_EQ(sasl_client(channel), Demand::none);
}

TEST(ReturnPath, IsAddedWhereMailIsDelivered) {
    EXPECT_TRUE(adds_return_path(make_channel("l")));
    EXPECT_TRUE(adds_return_path(make_channel("ims-ms")));
    EXPECT_TRUE(adds_return_path(make_channel("tcp_lmtpcs", "lmtp")));
    EXPECT_FALSE(adds_return_path(make_channel("tcp_local", "smtp")));
    EXPECT_FALSE(adds_return_path(make_channel("l", "noaddreturnpath")));
    EXPECT_TRUE(adds_return_path(make_channel("pipe", "addreturnpath")));
}

TEST(Programs, SlaveChannelsHaveNoMaster) {
    EXPECT_TRUE(has_master(make_channel("tcp_x")));
    EXPECT_FALSE(has_master(make_channel("tcp_x", "slave")));
    EXPECT_TRUE(has_logging(make_channel("tcp_x", "logging")));
    EXPECT_FALSE(has_logging(make_channel("tcp_x")));
}

}  // namespace
}  // namespace sluice::channel
