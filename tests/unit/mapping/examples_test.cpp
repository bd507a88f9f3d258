#include <gtest/gtest.h>

#include "cases/cases.h"
#include "cases/example_answers.h"
#include "mapping/engine.h"
#include "support/mapping_examples.h"

namespace sluice::mapping {
namespace {

std::string expected_text(const cases::Row& row) {
    return "match=" + row.at("match") + " flags=" + row.at("flags") +
           " output=" + cases::unescaped(row.at("output"));
}

class Examples : public testing::TestWithParam<const char*> {};

TEST_P(Examples, GiveTheirResults) {
    std::size_t count = 0;
    const auto path = std::string(SLUICE_TEST_CASES "/mapping/") + GetParam() + ".tsv";
    const auto ran = cases::run_table(path, [&](const cases::Outcome& outcome) {
        EXPECT_EQ(outcome.actual, outcome.expected) << outcome.id;
        ++count;
    });
    EXPECT_TRUE(ran);
    EXPECT_GT(count, 0U);
}

// The same once more with a trace, which goes through every entry without the index.
TEST_P(Examples, GiveTheSameResultsWhenTraced) {
    const std::string name = GetParam();
    const std::string base = SLUICE_TEST_CASES "/mapping/" + name;
    const TableSet tables = test::load_example(name);
    cases::ExampleAnswers answers;
    answers.load(base);
    const auto table = cases::read_table(base + ".tsv");
    ASSERT_TRUE(table);
    for (const auto& row : table->rows) {
        const InputFlags flags(cases::dash_is_empty(row.at("input_flags")));
        Trace trace;
        const auto outcome = probe(
            tables, row.at("table"), cases::unescaped(row.at("probe")), flags, answers, &trace
        );
        EXPECT_EQ(outcome.to_debug_string(), expected_text(row)) << trace.to_string();
        EXPECT_FALSE(trace.steps().empty()) << row.at("id");
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
