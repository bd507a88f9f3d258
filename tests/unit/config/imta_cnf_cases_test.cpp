// The published example files of the language: every configuration of tests/cases/parse gives
// exactly the diagnostics and the channel table that stand beside it.
#include <gtest/gtest.h>

#include <filesystem>

#include "cases/cases.h"
#include "config/imta_cnf.h"

namespace sluice::config {
namespace {

TEST(ParseCases, GiveTheirDiagnosticsAndChannels) {
    const auto tables = cases::find_tables(SLUICE_TEST_CASES "/parse");
    ASSERT_TRUE(tables);
    std::size_t diagnostics = 0;
    for (const std::string& table : *tables) {
        const auto ran = cases::run_table(table, [&](const cases::Outcome& outcome) {
            EXPECT_EQ(outcome.actual, outcome.expected) << outcome.id << '\n' << outcome.trace;
            if (outcome.id.ends_with(".diag.tsv")) ++diagnostics;
        });
        EXPECT_TRUE(ran) << ran.error().detail();
    }
    EXPECT_EQ(diagnostics, 14U);
}

// People look for the place: every finding names a column.
TEST(ParseCases, FindingsHaveColumns) {
    for (const auto& entry : std::filesystem::directory_iterator(SLUICE_TEST_CASES "/parse")) {
        if (entry.path().extension() != ".cnf") continue;
        DiskFiles files;
        Diagnostics diagnostics;
        read_imta_cnf(entry.path().string(), files, diagnostics);
        for (const Diagnostic& d : diagnostics.items()) {
            EXPECT_GT(d.where.column, 0U) << d.to_string();
        }
    }
}

TEST(RewriteExamples, ReadWithoutErrors) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(SLUICE_TEST_CASES "/rewrite")) {
        if (entry.path().extension() != ".cnf") continue;
        DiskFiles files;
        Diagnostics diagnostics;
        const ImtaCnf cnf = read_imta_cnf(entry.path().string(), files, diagnostics);
        for (const Diagnostic& d : diagnostics.items()) {
            EXPECT_EQ(d.severity, Severity::warning) << d.to_string();
            EXPECT_NE(d.code, "W301") << d.to_string();
        }
        EXPECT_NE(cnf.channels.local(), nullptr) << entry.path();
        ++count;
    }
    EXPECT_EQ(count, 20U);
}

}  // namespace
}  // namespace sluice::config
