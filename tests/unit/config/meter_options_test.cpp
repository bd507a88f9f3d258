#include "config/meter_options.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

using namespace std::chrono_literals;
using meter::TableType;

struct Read {
    explicit Read(const std::string& text) {
        tables = read_meter_tables(parse_options(text, "option.dat", findings), findings);
    }
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items())
            out += item.code + "@" + std::to_string(item.where.line) + " ";
        return out;
    }
    Diagnostics findings;
    MeterTables tables;
};

TEST(MeterOptions, TablesInBothSpellings) {
    const Read read(
        "metermaid.table.conns.quota = 10\n"
        "metermaid.table.conns.quota_time = 300\n"
        "METERMAID.LOCAL_TABLE:Grey.table_type = greylisting\n"
        "METERMAID.LOCAL_TABLE:Grey.block_time = PT10M\n"
        "METERMAID.LOCAL_TABLE:Grey.options = nocase\n"
        "METERMAID.LOCAL_TABLE:Grey.max_entries = 50000\n"
    );
    EXPECT_EQ(read.codes(), "");
    ASSERT_EQ(read.tables.size(), 2U);
    const auto& conns = read.tables.at("CONNS");
    EXPECT_EQ(conns.name, "conns");
    EXPECT_EQ(conns.type, TableType::throttle);
    EXPECT_EQ(conns.quota, 10);
    EXPECT_EQ(conns.quota_time, 300s);
    EXPECT_EQ(conns.max_entries, 1000);
    EXPECT_TRUE(conns.keys_are_addresses);
    const auto& grey = read.tables.at("grey");
    EXPECT_EQ(grey.type, TableType::greylisting);
    EXPECT_EQ(grey.block_time, 10min);
    EXPECT_EQ(grey.resubmit_time, 4h);
    EXPECT_EQ(grey.inactivity_time, 24h * 7);
    EXPECT_EQ(grey.max_entries, 50000);
    EXPECT_TRUE(grey.ignores_case);
    EXPECT_FALSE(grey.keys_are_addresses);
}

TEST(MeterOptions, WhatOneTableMayBe) {
    const Read read(
        "metermaid.table.a.data_type = string\n"
        "metermaid.table.a.options = nocase, PENALIZE\n"
        "metermaid.table.b.type = simple\n"
        "metermaid.table.b.value_type = integer\n"
        "metermaid.table.c.type = greylisting\n"
        "metermaid.table.c.data_type = ipv4\n"
    );
    EXPECT_EQ(read.codes(), "");
    EXPECT_FALSE(read.tables.at("a").keys_are_addresses);
    EXPECT_TRUE(read.tables.at("a").penalizes);
    EXPECT_TRUE(read.tables.at("b").values_are_numbers);
    EXPECT_FALSE(read.tables.at("b").keys_are_addresses);
    EXPECT_TRUE(read.tables.at("c").keys_are_addresses);
}

TEST(MeterOptions, WhatIsWrongIsAFinding) {
    const std::pair<const char*, const char*> rows[] = {
        {"metermaid.table.a.type = remote", "E490@1 "},
        {"metermaid.table.a.data_type = ipv5", "E490@1 "},
        {"metermaid.table.a.value_type = float", "E490@1 "},
        {"metermaid.table.a.options = nocase,quick", "E490@1 "},
        {"metermaid.table.a.quota_time = soon", "E490@1 "},
        {"metermaid.table.a.quota_time = 0", "E490@1 "},
        {"metermaid.table.a.quota = many", "E405@1 "},
        {"metermaid.table.a.quota = -1", "W404@1 "},
        {"metermaid.table.a.max_entries = 0", "W404@1 "},
        {"metermaid.table.a.max_entries = 100000000", "W404@1 "},
        {"metermaid.table.a.qouta = 5", "W405@1 "},
        {"metermaid.table.a = 5", "W490@1 "},
        {"metermaid.table..quota = 5", "W490@1 "},
        {"metermaid.config.port = 63837", "W490@1 "},
        {"metermaid.table.a.type = greylisting\nmetermaid.table.a.block_time = PT4H", "E491@1 "},
    };
    for (const auto& [text, codes] : rows) EXPECT_EQ(Read(text).codes(), codes) << text;
}

TEST(MeterOptions, NoneUnlessAsked) {
    EXPECT_TRUE(Read("LOG_CONNECTION = 7\n").tables.empty());
}

}  // namespace
}  // namespace sluice::config
