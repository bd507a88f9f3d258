#include "channel/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/channel_builder.h"

namespace sluice::channel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Channel, LastOfASetWins) {
    const Channel channel = make_channel("tcp_x", "logging nologging single multiple single_sys");
    EXPECT_TRUE(channel.has(Keyword::nologging));
    EXPECT_FALSE(channel.has(Keyword::logging));
    EXPECT_TRUE(channel.has(Keyword::single_sys));
    EXPECT_FALSE(channel.has(Keyword::single));
}

TEST(Channel, BuiltInDefaultHoldsUntilItsSetIsGiven) {
    EXPECT_TRUE(make_channel("tcp_x").has(Keyword::allowswitchchannel));
    EXPECT_FALSE(make_channel("tcp_x").is_given(Keyword::allowswitchchannel));
    EXPECT_FALSE(make_channel("tcp_x", "noswitchchannel").has(Keyword::allowswitchchannel));
    EXPECT_FALSE(make_channel("tcp_x").has(Keyword::logging));
    EXPECT_TRUE(make_channel("tcp_x", "logging nologging").is_given(Keyword::nologging));
}

TEST(Channel, SynonymsAreOneKeyword) {
    const Channel channel = make_channel("tcp_x", "smtp percents queue=P channelfilter=file:x");
    EXPECT_TRUE(channel.has(Keyword::smtp_crlf));
    EXPECT_TRUE(channel.has(Keyword::smtp));
    EXPECT_TRUE(channel.has(Keyword::k733));
    EXPECT_FALSE(channel.has(Keyword::sourceroute));
    EXPECT_EQ(channel.argument(Keyword::pool), "P");
    EXPECT_EQ(channel.argument(Keyword::destinationfilter), "file:x");
    EXPECT_FALSE(
        make_channel("x", "channelfilter=a nodestinationfilter").has(Keyword::destinationfilter)
    );
}

TEST(Channel, ShortFormsSetBothDirections) {
    const Channel channel = make_channel("tcp_x", "musttls maytlsserver");
    EXPECT_TRUE(channel.has(Keyword::maytlsserver));
    EXPECT_TRUE(channel.has(Keyword::musttlsclient));
    EXPECT_FALSE(channel.has(Keyword::musttls));
    EXPECT_FALSE(channel.has(Keyword::notls));
    EXPECT_TRUE(make_channel("tcp_x").has(Keyword::notls));
    EXPECT_TRUE(make_channel("tcp_x").has(Keyword::nosasl));
    EXPECT_FALSE(make_channel("tcp_x", "maysaslserver").has(Keyword::nosasl));
}

TEST(Channel, ArgumentsOfTheLastOneCount) {
    const Channel channel = make_channel("tcp_x", "maxjobs=7 maxjobs=3 notices=1,2,4");
    EXPECT_EQ(channel.integer(Keyword::maxjobs, 100), 3);
    EXPECT_THAT(channel.integers(Keyword::notices), ElementsAre(1, 2, 4));
    EXPECT_EQ(channel.integer(Keyword::filesperjob, 5), 5);
    EXPECT_EQ(channel.limit(Keyword::blocklimit), std::nullopt);
    EXPECT_FALSE(make_channel("x", "blocklimit=9 noblocklimit").limit(Keyword::blocklimit));
    EXPECT_EQ(channel.argument(Keyword::pool), std::nullopt);
}

TEST(Channel, DurationsAreSeconds) {
    const Channel channel = make_channel("tcp_x", "backoff=pt5m,PT1H");
    EXPECT_THAT(channel.durations(Keyword::backoff), ElementsAre(300s, 3600s));
    EXPECT_THAT(channel.durations(Keyword::urgentbackoff), IsEmpty());
}

TEST(Channel, UnknownWordsAreGroups) {
    const Channel channel = make_channel("l", "staff logging wheel");
    EXPECT_THAT(channel.groups(), ElementsAre("staff", "wheel"));
    EXPECT_THAT(make_channel("l", "logging").groups(), IsEmpty());
}

TEST(Channel, ShowsItsSettingsInOneLine) {
    EXPECT_EQ(
        make_channel("l", "LOGGING notices=1,2 group:staff nologging").to_debug_string(),
        "logging notices=1,2 group:staff nologging"
    );
}

}  // namespace
}  // namespace sluice::channel
