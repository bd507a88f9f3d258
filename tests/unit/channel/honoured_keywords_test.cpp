#include "channel/honoured_keywords.h"

#include <gtest/gtest.h>

#include "support/channel_builder.h"

namespace sluice::channel {
namespace {

TEST(HonouredKeywords, NamesEachInertKeywordOncePerPlace) {
    ChannelTable table;
    // make_channel puts both keywords at test.cnf:1:1 and :2, as a defaults block would.
    table.add(make_channel("l", "grey description=x"));
    table.add(make_channel("tcp_x", "grey description=x"));
    const auto found = unhonoured_in_use(table);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().keyword, Keyword::grey);
    EXPECT_EQ(found.front().where.to_string(), "test.cnf:1:1");
}

TEST(HonouredKeywords, WarnsWithItsOwnCode) {
    ChannelTable table;
    table.add(make_channel("l", "grey staff"));
    Diagnostics diagnostics;
    report_unhonoured(table, diagnostics);
    ASSERT_EQ(diagnostics.items().size(), 1U);
    EXPECT_EQ(
        diagnostics.items().front().to_string(),
        "test.cnf:1:1: warning: keyword has no effect yet: grey [W310]"
    );
}

TEST(HonouredKeywords, SynonymIsHonouredWithWhatItStandsFor) {
    EXPECT_EQ(is_honoured(Keyword::norestricted), is_honoured(Keyword::unrestricted));
    EXPECT_EQ(is_honoured(Keyword::queue), is_honoured(Keyword::pool));
    EXPECT_TRUE(is_honoured(Keyword::percents));
    EXPECT_TRUE(is_honoured(Keyword::headerlabelalignment));
}

}  // namespace
}  // namespace sluice::channel
