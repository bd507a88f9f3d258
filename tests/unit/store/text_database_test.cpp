#include "store/text_database.h"

#include <gtest/gtest.h>

namespace sluice::store {
namespace {

TEST(TextDatabase, FindsWithoutRegardToCase) {
    Diagnostics findings;
    const auto database = parse_text_database(
        "! comment\n\nKey.Example  $U%x.example@tcp_local-daemon\r\nlast value", "t", findings
    );
    EXPECT_FALSE(findings.has_errors());
    EXPECT_EQ(database.size(), 2U);
    ASSERT_NE(database.find("KEY.example"), nullptr);
    EXPECT_EQ(*database.find("KEY.example"), "$U%x.example@tcp_local-daemon");
    EXPECT_EQ(*database.find("last"), "value");
    EXPECT_EQ(database.find("nobody"), nullptr);
}

TEST(TextDatabase, ReportsEverythingInOnePass) {
    Diagnostics findings;
    const auto database =
        parse_text_database("a 1\nno-value\nb 2 3\nA again\nc 4\n", "general.txt", findings);
    ASSERT_EQ(findings.items().size(), 3U);
    EXPECT_EQ(findings.items()[0].where.to_string(), "general.txt:2:9");
    EXPECT_EQ(findings.items()[0].code, "E_NO_VALUE");
    EXPECT_EQ(findings.items()[1].where.to_string(), "general.txt:3:5");
    EXPECT_EQ(findings.items()[1].code, "E_TRAILING");
    EXPECT_EQ(findings.items()[2].where.to_string(), "general.txt:4:1");
    EXPECT_EQ(findings.items()[2].code, "E_DUPLICATE");
    EXPECT_EQ(*database.find("a"), "1");
    EXPECT_EQ(*database.find("c"), "4");
}

}  // namespace
}  // namespace sluice::store
