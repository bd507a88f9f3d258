#include <gtest/gtest.h>

#include <string_view>
#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/imta_cnf.h"

namespace sluice::grammar::imta_cnf {
namespace {

template <class Rule>
bool matches(std::string_view text) {
    memory_input<> in(text.data(), text.size(), "");
    return parse<seq<Rule, eof>>(in);
}

TEST(ImtaCnfGrammar, HasNoLoopsWithoutProgress) {
    EXPECT_EQ(analyze<physical_line>(), 0U);
    EXPECT_EQ(analyze<continuing_line>(), 0U);
    EXPECT_EQ(analyze<rule_line>(), 0U);
    EXPECT_EQ(analyze<block_line>(), 0U);
}

TEST(ImtaCnfGrammar, EveryLineIsSomeLine) {
    for (const std::string_view text :
         {"", " ", "\\", "!", "<", "< ", "x", "\"", "a\\b", "\x80\x01"}) {
        EXPECT_TRUE(matches<physical_line>(text)) << text;
        EXPECT_TRUE(matches<continuing_line>(text)) << text;
        EXPECT_TRUE(matches<block_line>(text)) << text;
    }
}

TEST(ImtaCnfGrammar, RuleLineNeedsAPattern) {
    EXPECT_TRUE(matches<rule_line>("a.example $U%$D@x"));
    EXPECT_TRUE(matches<rule_line>("  a.example\t "));
    EXPECT_FALSE(matches<rule_line>(""));
    EXPECT_FALSE(matches<rule_line>("  \t"));
}

}  // namespace
}  // namespace sluice::grammar::imta_cnf
