// The published examples of tests/cases/rewrite: every line of every table is one example.
#include <gtest/gtest.h>

#include "cases/cases.h"

namespace sluice::rewrite {
namespace {

TEST(RewriteExamples, GiveTheirResults) {
    const auto tables = cases::find_tables(SLUICE_TEST_CASES "/rewrite");
    ASSERT_TRUE(tables);
    std::size_t count = 0;
    for (const std::string& table : *tables) {
        const auto ran = cases::run_table(table, [&](const cases::Outcome& outcome) {
            EXPECT_EQ(outcome.actual, outcome.expected) << outcome.id << '\n' << outcome.trace;
            ++count;
        });
        EXPECT_TRUE(ran) << ran.error().detail();
    }
    constexpr std::size_t rows_of_the_specification = 268;
    EXPECT_GE(count, rows_of_the_specification);
}

}  // namespace
}  // namespace sluice::rewrite
