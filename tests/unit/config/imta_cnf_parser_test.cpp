#include "config/imta_cnf_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::config {
namespace {

struct LineCase {
    std::string_view line;
    LineKind kind;
    std::string_view text;
    std::size_t column;
};
class PhysicalLineOf : public testing::TestWithParam<LineCase> {};

TEST_P(PhysicalLineOf, HasItsKindTextAndColumn) {
    const PhysicalLine line = parse_physical_line(GetParam().line);
    EXPECT_EQ(line.kind, GetParam().kind);
    if (line.kind == LineKind::comment) return;
    EXPECT_EQ(line.text, GetParam().text);
    EXPECT_EQ(line.column, GetParam().column);
}

INSTANTIATE_TEST_SUITE_P(
    Lines,
    PhysicalLineOf,
    testing::Values(
        LineCase{"", LineKind::blank, "", 1},
        LineCase{" \t ", LineKind::blank, "", 1},
        LineCase{"! text \\", LineKind::comment, "", 1},
        LineCase{" ! text", LineKind::text, " ! text", 1},
        LineCase{"<file name \t", LineKind::include, "file name", 2},
        LineCase{"<  /a/b", LineKind::include, "/a/b", 4},
        LineCase{"<", LineKind::include, "", 1},
        LineCase{" <file", LineKind::text, " <file", 1},
        LineCase{"l logging\\", LineKind::continued, "l logging", 1},
        LineCase{"l logging \\", LineKind::continued, "l logging ", 1},
        LineCase{"a\\b", LineKind::text, "a\\b", 1},
        LineCase{"a\\\\", LineKind::continued, "a\\", 1},
        LineCase{"\\ ", LineKind::text, "\\ ", 1},
        LineCase{"\\", LineKind::continued, "", 1}
    )
);

TEST(ContinuingLine, IsTextUnlessItIsAComment) {
    EXPECT_EQ(parse_continuing_line("<file").kind, LineKind::text);
    EXPECT_EQ(parse_continuing_line("<file").text, "<file");
    EXPECT_EQ(parse_continuing_line("").kind, LineKind::text);
    EXPECT_EQ(parse_continuing_line("!x").kind, LineKind::comment);
    EXPECT_EQ(parse_continuing_line(" more\\").kind, LineKind::continued);
}

struct RuleCase {
    std::string_view line;
    std::string_view pattern;
    std::string_view template_text;
};
class RuleLineOf : public testing::TestWithParam<RuleCase> {};

TEST_P(RuleLineOf, HasPatternAndTemplate) {
    const RuleParts rule = parse_rule_line(GetParam().line);
    EXPECT_EQ(rule.pattern, GetParam().pattern);
    EXPECT_EQ(rule.template_text, GetParam().template_text);
}

INSTANTIATE_TEST_SUITE_P(
    Lines,
    RuleLineOf,
    testing::Values(
        RuleCase{"a.example $U%$D@x", "a.example", "$U%$D@x"},
        RuleCase{"  a.example\t\t$U%$D@x  \t", "a.example", "$U%$D@x"},
        RuleCase{"a $?no mail here", "a", "$?no mail here"},
        RuleCase{"a", "a", ""},
        RuleCase{"a \t", "a", ""},
        RuleCase{"$* \"x\"", "$*", "\"x\""}
    )
);

std::string words_of(std::string_view line) {
    std::string text;
    for (const Word& word : parse_block_line(line)) {
        text += std::to_string(word.column) + (word.quoted ? "q" : "") + (word.closed ? "" : "!") +
                ":" + std::string(word.text) + "|";
    }
    return text;
}

TEST(BlockLine, WordsHaveColumnsAndLoseTheirQuotes) {
    EXPECT_EQ(words_of("l logging"), "1:l|3:logging|");
    EXPECT_EQ(words_of("  l\t \"a b\" c "), "3:l|6q:a b|12:c|");
    EXPECT_EQ(words_of("\"\""), "1q:|");
    EXPECT_EQ(words_of("a \"b c"), "1:a|3q!:b c|");
    EXPECT_EQ(words_of("a\"b c\""), "1:a\"b|5:c\"|");
    EXPECT_EQ(words_of("\"a\"b"), "1q:a|4:b|");
    EXPECT_EQ(words_of(" \t"), "");
}

}  // namespace
}  // namespace sluice::config
