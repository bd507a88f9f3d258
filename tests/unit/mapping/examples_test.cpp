#include <gtest/gtest.h>

#include "mapping/engine.h"
#include "support/mapping_examples.h"

namespace sluice::mapping {
namespace {

std::string expected_text(const test::Row& row) {
    return "match=" + row.at("match") + " flags=" + row.at("flags") +
           " output=" + test::unescaped(row.at("output"));
}

class Examples : public testing::TestWithParam<const char*> {};

TEST_P(Examples, GiveTheirResults) {
    const std::string name = GetParam();
    const std::string base = SLUICE_TEST_CASES "/mapping/" + name;
    const TableSet tables = test::load_example(name);
    test::ExampleAnswers answers;
    answers.load(base);
    const auto rows = test::read_rows(base + ".tsv");
    ASSERT_FALSE(rows.empty());
    for (const auto& row : rows) {
        const InputFlags flags(test::dash_is_empty(row.at("input_flags")));
        const auto outcome =
            probe(tables, row.at("table"), test::unescaped(row.at("probe")), flags, answers);
        EXPECT_EQ(outcome.to_debug_string(), expected_text(row)) << row.at("id");
        EXPECT_TRUE(outcome.warnings.empty()) << row.at("id");
    }
}

// The same once more with a trace, which goes through every entry without the index.
TEST_P(Examples, GiveTheSameResultsWhenTraced) {
    const std::string name = GetParam();
    const std::string base = SLUICE_TEST_CASES "/mapping/" + name;
    const TableSet tables = test::load_example(name);
    test::ExampleAnswers answers;
    answers.load(base);
    for (const auto& row : test::read_rows(base + ".tsv")) {
        const InputFlags flags(test::dash_is_empty(row.at("input_flags")));
        Trace trace;
        const auto outcome = probe(
            tables, row.at("table"), test::unescaped(row.at("probe")), flags, answers, &trace
        );
        EXPECT_EQ(outcome.to_debug_string(), expected_text(row)) << trace.to_string();
        const bool empty_table =
            outcome.table_exists && tables.find(row.at("table"))->entries().empty();
        EXPECT_EQ(trace.steps().empty(), empty_table) << row.at("id");
    }
}

INSTANTIATE_TEST_SUITE_P(
    Mapping,
    Examples,
    testing::Values(
        "access-relay",
        "address-tables",
        "content-tables",
        "control-flow",
        "failure",
        "file-syntax",
        "iterate",
        "lookup",
        "patterns-basic",
        "patterns-glob",
        "patterns-ip",
        "patterns-modifiers",
        "submap",
        "templates-basic"
    ),
    [](const auto& example) {
        std::string name = example.param;
        for (char& c : name) {
            if (c == '-') c = '_';
        }
        return name;
    }
);

}  // namespace
}  // namespace sluice::mapping
