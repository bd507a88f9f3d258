#include "channel/channel_table.h"

#include <gtest/gtest.h>

#include "support/channel_builder.h"

namespace sluice::channel {
namespace {

Channel with_hosts(std::string name, std::string official, std::vector<AdditionalHost> hosts) {
    ChannelBlock block;
    block.name = std::move(name);
    block.official_host = std::move(official);
    block.additional_hosts = std::move(hosts);
    return Channel(std::move(block));
}

TEST(ChannelTable, FindsByNameAndByHost) {
    ChannelTable table;
    table.add(with_hosts("l", "mail.example.com", {}));
    table.add(with_hosts("tcp_x", "x.example", {{"Y.example", "real.example", {}}}));
    EXPECT_EQ(table.find("TCP_X")->name(), "tcp_x");
    EXPECT_EQ(table.find("x.example"), nullptr);
    EXPECT_EQ(table.find_by_host("X.EXAMPLE")->name(), "tcp_x");
    EXPECT_EQ(table.find_by_host("y.example")->name(), "tcp_x");
    EXPECT_EQ(table.find_by_host("real.example"), nullptr);
    EXPECT_EQ(table.local()->official_host(), "mail.example.com");
    EXPECT_EQ(table.local_host(), "mail.example.com");
}

TEST(ChannelTable, FirstOwnerKeepsANameThatOccursTwice) {
    ChannelTable table;
    table.add(with_hosts("tcp_x", "x.example", {}));
    table.add(with_hosts("tcp_x", "X.example", {{"z.example", "", {}}}));
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.find("tcp_x"), &*table.begin());
    EXPECT_EQ(table.find_by_host("x.example"), &*table.begin());
    EXPECT_NE(table.find_by_host("z.example"), &*table.begin());
}

TEST(ChannelTable, EmptyTableHasNoLocalHost) {
    const ChannelTable table;
    EXPECT_TRUE(table.empty());
    EXPECT_EQ(table.local(), nullptr);
    EXPECT_EQ(table.local_host(), "");
}

TEST(ChannelTable, MovingKeepsChannelsInPlace) {
    ChannelTable table;
    table.add(make_channel("l"));
    const Channel* before = table.local();
    const ChannelTable moved = std::move(table);
    EXPECT_EQ(moved.local(), before);
}

}  // namespace
}  // namespace sluice::channel
