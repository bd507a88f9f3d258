#include "lint/inclusion.h"

#include <gtest/gtest.h>

#include <random>

#include "mapping/limits.h"
#include "mapping/matcher.h"

namespace sluice::lint {

namespace {

mapping::Pattern pattern(const std::string& text) {
    mapping::SyntaxFindings findings;
    auto parsed = mapping::Pattern::parse(text, findings);
    EXPECT_TRUE(parsed) << text;
    return std::move(*parsed);
}

bool covers_text(const std::string& wide, const std::string& narrow) {
    return covers(pattern(wide), pattern(narrow));
}

struct Row {
    const char* wide;
    const char* narrow;
    bool covered;
};

TEST(Inclusion, OfPatterns) {
    const Row rows[] = {
        {"*", "abc", true},
        {"*", "$D*|%", true},
        {"*", "", true},
        {"a*", "A", true},
        {"a*", "ab*c", true},
        {"a*", "*a", false},
        {"*@example.com", "amy@example.com", true},
        {"*@example.com", "*@*.example.com", false},
        {"*|*", "a|*|c", true},
        {"*|*|*", "a|*", false},
        {"%*", "*", false},
        {"%*", "*%", true},
        {"$D*", "123", true},
        {"$D*", "$O*", true},
        {"$O*", "$D*", false},
        {"$[a-f0-9]*", "$H*", true},
        {"$[a-e0-9]*", "$H*", false},
        {"*a*", "*b*", false},
        {"*a*b*", "a*b", true},
        {"$(10.0.0.0/8)", "$(10.1.0.0/16)", true},
        {"$(10.1.0.0/16)", "$(10.0.0.0/8)", false},
        {"$(10.0.0.0/8)", "10.1.2.3", true},
        {"$(10.0.0.0/8)", "11.1.2.3", false},
        {"TCP|*|$(10.0.0.0/8)|*", "TCP|*|25|$(10.1.0.0/16)|*", true},
        {"TCP|%|$(10.0.0.0/8)|*", "TCP|*|$(10.1.0.0/16)|*", false},
        {"TCP|*|25|$(10.0.0.0/8)|*", "TCP|*|25|$(10.1.0.0/16)|*", true},
        {"$[0-9.]*", "$(10.0.0.0/8)", true},
        {"$D*", "$(10.0.0.0/8)", false},
        {"${2001:db8::/32}", "${2001:db8:1::/48}", true},
        {"${2001:db8::/32}", "$(10.0.0.0/8)", false},
        {"*=$0*", "a=a", true},
        {"*=$0*", "*=b", false},
        {"*=*", "*=$0*", true},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(covers_text(row.wide, row.narrow), row.covered)
            << row.wide << " covers " << row.narrow;
    }
}

bool matches(const mapping::Pattern& one, std::string_view text) {
    return mapping::Matcher(text).match(one, mapping::limits::comparison_steps) ==
           mapping::MatchResult::matched;
}

// Whatever two patterns are said to be, no text may show the contrary.
TEST(Inclusion, IsNeverContradictedByAText) {
    std::mt19937 random(7);
    const auto any = [&](auto& from) { return from[random() % std::size(from)]; };
    const char* pieces[] = {"a", "b", "1", "*", "%", "$D*", "$A%", "$[ab]*", "$_*", "|"};
    const char* letters[] = {"a", "b", "1", "|", "aa", "1b"};
    unsigned covered = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string wide_text;
        std::string narrow_text;
        for (auto n = random() % 4; n > 0; --n) wide_text += any(pieces);
        for (auto n = random() % 4; n > 0; --n) narrow_text += any(pieces);
        const auto wide = pattern(wide_text);
        const auto narrow = pattern(narrow_text);
        if (!covers(wide, narrow)) continue;
        ++covered;
        for (int i = 0; i < 20; ++i) {
            std::string text;
            for (auto n = random() % 5; n > 0; --n) text += any(letters);
            if (matches(narrow, text)) {
                ASSERT_TRUE(matches(wide, text)) << wide_text << " " << narrow_text << " " << text;
            }
        }
    }
    EXPECT_GT(covered, 300U);
}

TEST(Inclusion, SamplesMatchTheirPattern) {
    for (const char* text :
         {"*", "a%b", "$D%|$0*", "$(192.0.2.0/24)", "${2001:db8::/32}", "$[xyz]%"}) {
        const auto one = pattern(text);
        const auto sample = sample_text(one);
        ASSERT_TRUE(sample) << text;
        EXPECT_TRUE(matches(one, *sample)) << text;
    }
}

TEST(Inclusion, OfVeryLargePatternsIsGivenUp) {
    std::string wide;
    for (int i = 0; i < 400; ++i) wide += "*a";
    EXPECT_FALSE(covers_text(wide, wide + "b*"));
}

}  // namespace

}  // namespace sluice::lint
