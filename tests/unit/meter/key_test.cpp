#include "meter/key.h"

#include <gtest/gtest.h>

namespace sluice::meter {
namespace {

TEST(MeterKey, AddressesHaveOneSpelling) {
    const TableSettings table;
    EXPECT_EQ(key_of(table, " 192.0.2.1 "), "192.0.2.1");
    EXPECT_EQ(key_of(table, "2001:DB8:0:0::1"), "2001:db8::1");
    for (const std::string_view text : {"", "192.0.2", "host.example", "192.0.2.1|x"})
        EXPECT_EQ(key_of(table, text), std::nullopt) << text;
}

TEST(MeterKey, TextsAreKeptAsTheyAre) {
    TableSettings table;
    table.keys_are_addresses = false;
    EXPECT_EQ(key_of(table, "1.2.3.4|A@x|B@y"), "1.2.3.4|A@x|B@y");
    table.ignores_case = true;
    EXPECT_EQ(key_of(table, "1.2.3.4|A@x|B@y"), "1.2.3.4|a@x|b@y");
    EXPECT_EQ(key_of(table, "  "), std::nullopt);
}

TEST(MeterKey, LongOnesDifferStill) {
    TableSettings table;
    table.keys_are_addresses = false;
    const std::string head(longest_key, 'x');
    EXPECT_EQ(key_of(table, head), head);
    const auto one = key_of(table, head + "1");
    const auto other = key_of(table, head + "2");
    ASSERT_TRUE(one && other);
    EXPECT_LE(one->size(), longest_key);
    EXPECT_NE(*one, *other);
    EXPECT_EQ(key_of(table, head + "1"), one);
}

}  // namespace
}  // namespace sluice::meter
