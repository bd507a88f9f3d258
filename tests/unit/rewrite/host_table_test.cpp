#include "rewrite/host_table.h"

#include <gtest/gtest.h>

namespace sluice::rewrite {
namespace {

TEST(HostTable, FindsNamesWithoutRegardToCase) {
    HostTable table;
    ASSERT_TRUE(table.add("TCP_Local-Daemon", {.channel = "tcp_local"}));
    ASSERT_NE(table.find("tcp_local-daemon"), nullptr);
    EXPECT_EQ(table.find("tcp_local-daemon")->channel, "tcp_local");
    EXPECT_EQ(table.find("tcp_local"), nullptr);
}

TEST(HostTable, KeepsTheFirstOwnerOfAName) {
    HostTable table;
    EXPECT_TRUE(table.add("gw.example", {.channel = "one"}));
    EXPECT_FALSE(table.add("GW.example", {.channel = "two"}));
    EXPECT_EQ(table.find("gw.example")->channel, "one");
    EXPECT_EQ(table.size(), 1U);
}

TEST(HostTable, KnowsTheLocalHost) {
    HostTable table;
    EXPECT_EQ(table.local_host(), "");
    table.add("mail.example.com", {.channel = "l", .is_local = true});
    table.add("alias.example.com", {.channel = "l", .is_local = true, .additional = true});
    EXPECT_EQ(table.local_host(), "mail.example.com");
    EXPECT_EQ(table.local_channel(), "l");
}

}  // namespace
}  // namespace sluice::rewrite
