#include "mapping/matcher.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "base/bytes.h"
#include "mapping/limits.h"

namespace sluice::mapping {
namespace {

Pattern compiled(std::string_view text) {
    SyntaxFindings findings;
    auto pattern = Pattern::parse(text, findings);
    EXPECT_TRUE(pattern) << text;
    return *pattern;
}

std::string bracketed(const std::vector<std::string>& fields) {
    std::string text;
    for (const auto& field : fields) {
        if (&field != &fields.front()) text += ',';
        text += field;
    }
    text.insert(0, 1, '[');
    return text + ']';
}

/// Fields joined with "," in brackets; "no" or "abandoned".
std::string match(std::string_view pattern_text, std::string_view text) {
    const Pattern pattern = compiled(pattern_text);
    Matcher matcher(text);
    switch (matcher.match(pattern, limits::comparison_steps)) {
        case MatchResult::mismatched:
            return "no";
        case MatchResult::abandoned:
            return "abandoned";
        case MatchResult::matched:
            break;
    }
    return bracketed(matcher.fields());
}

struct Comparison {
    const char* pattern;
    const char* text;
    const char* result;
};

class Matches : public testing::TestWithParam<Comparison> {};

TEST_P(Matches, AsTheManualSays) {
    EXPECT_EQ(match(GetParam().pattern, GetParam().text), GetParam().result)
        << GetParam().pattern << " on " << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Matcher,
    Matches,
    testing::Values(
        Comparison{"", "", "[]"},
        Comparison{"", "x", "no"},
        Comparison{"*", "", "[]"},
        Comparison{"a*", "b", "no"},
        Comparison{"*a*a*", "xaxax", "[x,x,x]"},
        Comparison{"$_*a*", "xaxax", "[x,xax]"},
        Comparison{"*ab", "ababab", "[abab]"},
        Comparison{"*ab", "ababa", "no"},
        Comparison{"$D*%", "123", "[12,3]"},
        Comparison{"$_$D*$A*", "12ab", "[12,ab]"},
        Comparison{"$[a-c]*c", "abcc", "[abc]"},
        Comparison{"$[]x]*", "x]x", "[x]x]"},
        Comparison{"$[a-]*", "a-a", "[a-a]"},
        Comparison{"$[$-z]*", "-z", "[-z]"},
        Comparison{"$[A-F]*", "aFb", "[aFb]"},
        Comparison{"$[A-f]*", "aF_", "no"},
        Comparison{"*$0*", "abab", "[ab]"},
        Comparison{"$_*-*$0*", "ab-xAB", "[ab,x]"},
        Comparison{"*,$0*,*", "a,b,a,b,c", "[a,b,c]"},
        Comparison{"$(10.0.0.0/8)*", "10.1.2.3x", "[10.1.2.3,x]"},
        Comparison{"$(10.0.0.0/8).", "10.1.2.3.", "no"},
        Comparison{"$(0.0.0.0/0)", "255.1.2.3", "[255.1.2.3]"},
        Comparison{"$@$(10.0.0.0/8)-*", "10.1.2.3-x", "[x]"},
        Comparison{"[${2001:db8::/32}]", "[IPv6:2001:DB8::1]", "[2001:DB8::1]"},
        Comparison{"${::/0}", "192.0.2.1", "no"},
        Comparison{"$(192.0.2.0/24)", "::ffff:192.0.2.1", "no"},
        Comparison{"a$\tb", "a\tb", "[]"},
        Comparison{"$zoo", "ZOO", "[]"}
    )
);

TEST(Matcher, StaysQuickOnPatternsThatExplodeWhenTriedNaively) {
    std::string pattern;
    for (int i = 0; i < 25; ++i) pattern += "*a";
    pattern += "*b";
    std::string text(400, 'a');
    text += 'x';
    const Pattern many_stars = compiled(pattern + "%");  // not to be seen from the last literal
    Matcher matcher(text);
    EXPECT_EQ(matcher.match(many_stars, limits::comparison_steps), MatchResult::mismatched);
    EXPECT_LT(matcher.steps(), 100'000U);
}

TEST(Matcher, AbandonsWhatBackReferencesMakeExplode) {
    std::string pattern = "*";
    for (int i = 0; i < 12; ++i) pattern += "*-*";
    pattern += "$0*%!%";
    std::string text(300, '-');
    text += '!';
    EXPECT_EQ(match(pattern, text), "abandoned");
}

TEST(Matcher, SaysWhereATextPartsFromThePattern) {
    Matcher matcher("tcp_auth|amy@example.com|l|bob@example.com");
    const Pattern pattern = compiled("tcp_local|*");
    EXPECT_EQ(matcher.match(pattern, 1000), MatchResult::mismatched);
    EXPECT_EQ(
        matcher.why_not(),
        "expected `tcp_local|` at character 1, found `tcp_auth|amy@example.com|l|bob@example.c...`"
    );
    const Pattern longer = compiled("tcp_auth|*@example.org|*");
    EXPECT_EQ(matcher.match(longer, 1000), MatchResult::mismatched);
    EXPECT_EQ(
        matcher.why_not(), "expected `@example.org|` at character 31 or later, found `@example.com`"
    );
    const Pattern shorter = compiled("tcp_auth|amy");
    EXPECT_EQ(matcher.match(shorter, 1000), MatchResult::mismatched);
    EXPECT_EQ(
        matcher.why_not(),
        "expected the end at character 13, found `@example.com|l|bob@example.com`"
    );
}

// The rule of the manual, word for word and without any cleverness, for `*`, `%`, `$_*` and
// letters.
bool naive(
    const std::string& pattern,
    std::size_t at,
    const std::string& text,
    std::size_t position,
    std::vector<std::string>& fields
) {
    if (at == pattern.size()) return position == text.size();
    const bool lazy = pattern[at] == '$';
    if (pattern[at] == '*' || lazy) {
        const std::size_t next = at + (lazy ? 3 : 1);
        const std::size_t longest = text.size() - position;
        for (std::size_t i = 0; i <= longest; ++i) {
            const std::size_t length = lazy ? i : longest - i;
            fields.push_back(text.substr(position, length));
            if (naive(pattern, next, text, position + length, fields)) return true;
            fields.pop_back();
        }
        return false;
    }
    if (position == text.size()) return false;
    if (pattern[at] != '%' && pattern[at] != text[position]) return false;
    if (pattern[at] == '%') fields.push_back(text.substr(position, 1));
    if (naive(pattern, at + 1, text, position + 1, fields)) return true;
    if (pattern[at] == '%') fields.pop_back();
    return false;
}

TEST(Matcher, AgreesWithTheRuleItSpeedsUp) {
    std::mt19937 random(20260729);
    const std::vector<std::string> pieces = {"*", "%", "$_*", "a", "b", "ab", "|"};
    const std::string letters = "ab|";
    int matched = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string pattern;
        for (auto n = random() % 9; n > 0; --n) pattern += pieces[random() % pieces.size()];
        std::string text;
        for (auto n = random() % 14; n > 0; --n) text += letters[random() % letters.size()];
        std::vector<std::string> fields;
        std::string expected = "no";
        if (naive(pattern, 0, text, 0, fields)) {
            ++matched;
            expected = bracketed(fields);
        }
        ASSERT_EQ(match(pattern, text), expected) << pattern << " on " << text;
    }
    EXPECT_GT(matched, 1000);
}

}  // namespace
}  // namespace sluice::mapping
