#include "conversion/value.h"

#include <gtest/gtest.h>

#include "conversion/wildcard.h"

namespace sluice::conversion {
namespace {

using Kind = TableAnswer::Kind;

const SymbolTable symbols{{"INPUT_SUBTYPE", "msword"}, {"NAME", "a'b$(c)"}};

TableAnswer answer(const std::string& table, const std::string& argument) {
    if (table == "X-GONE") return {Kind::none, {}};
    if (table == "X-LATER") return {Kind::not_now, {}};
    return {Kind::value, table + '[' + argument + ']'};
}

std::string expanded(std::string_view value) {
    const Expanded result = expand_value(value, symbols, answer);
    if (result.kind == Kind::none) return "ignored";
    return result.kind == Kind::not_now ? "not now" : result.text;
}

TEST(Value, SymbolsAreReplaced) {
    EXPECT_EQ(expanded("plain"), "plain");
    EXPECT_EQ(expanded("x'INPUT_SUBTYPE'y'input_subtype'"), "xmswordymsword");
    EXPECT_EQ(expanded("'NAME'"), "a'b$(c)");
    EXPECT_EQ(expanded("<'UNKNOWN'>"), "<>");
}

TEST(Value, OtherApostrophesStay) {
    EXPECT_EQ(expanded("It's"), "It's");
    EXPECT_EQ(expanded("'not a name'"), "'not a name'");
    EXPECT_EQ(expanded("\\'NAME\\'"), "'NAME'");
    EXPECT_EQ(expanded("a\\b"), "a\\b");
}

TEST(Value, TablesAreAsked) {
    EXPECT_EQ(expanded("'X-ATT-NAMES:\\'INPUT_SUBTYPE\\''"), "X-ATT-NAMES[msword]");
    EXPECT_EQ(expanded("a'X-T:b'c"), "aX-T[b]c");
    EXPECT_EQ(expanded("'X-A:\\'X-B:\\\\\\'NAME\\\\\\'\\''"), "X-A[X-B[a'b$(c)]]");
    EXPECT_EQ(expanded("a'X-GONE:b'c"), "ignored");
    EXPECT_EQ(expanded("'X-GONE:b''X-LATER:c'"), "not now");
}

TEST(Value, CommandsGetReferencesNotContents) {
    EXPECT_EQ(
        shell_text("run 'NAME' 'INPUT_SUBTYPE'", symbols), "run \"${NAME}\" \"${INPUT_SUBTYPE}\""
    );
    EXPECT_EQ(shell_text("run \"x'NAME'y\"", symbols), "run \"x${NAME}y\"");
    EXPECT_EQ(shell_text("sed 's/a/b/' 'OTHER' $NAME", symbols), "sed 's/a/b/' 'OTHER' $NAME");
    EXPECT_EQ(shell_text("echo \\'NAME\\'", symbols), "echo \\'NAME\\'");
    EXPECT_EQ(shell_text("it's", symbols), "it's");
    EXPECT_EQ(shell_text("a \"don't\" 'NAME'", symbols), "a \"don't\" \"${NAME}\"");
}

struct Wild {
    const char* pattern;
    const char* text;
    bool matches;
};
class Wildcards : public testing::TestWithParam<Wild> {};
TEST_P(Wildcards, CompareWithTheWholeText) {
    EXPECT_EQ(matches_wildcard(GetParam().pattern, GetParam().text), GetParam().matches)
        << GetParam().pattern << " and " << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    All,
    Wildcards,
    testing::Values(
        Wild{"", "", true},
        Wild{"", "a", false},
        Wild{"*", "", true},
        Wild{"*", "abc", true},
        Wild{"TEXT", "text", true},
        Wild{"te%t", "text", true},
        Wild{"te%t", "tet", false},
        Wild{"a*b*c", "axxbyyc", true},
        Wild{"a*b*c", "axxbyy", false},
        Wild{"*.1", "2.1", true},
        Wild{"2.*", "2.1.3", true},
        Wild{"\\*", "*", true},
        Wild{"\\*", "a", false},
        Wild{"\\%x", "%x", true},
        Wild{"a\\", "a\\", true},
        Wild{"*a", "aaaaaaaaab", false},
        Wild{"*ab", "aab", true}
    )
);

}  // namespace
}  // namespace sluice::conversion
