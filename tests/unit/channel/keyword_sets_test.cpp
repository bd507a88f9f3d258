#include "channel/keyword_sets.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::channel {
namespace {

std::vector<Keyword> all_keywords() {
    std::vector<Keyword> all;
    for (std::size_t i = 0; i < keyword_count; ++i) all.push_back(static_cast<Keyword>(i));
    return all;
}

TEST(KeywordSets, SetsDoNotOverlapAndHoldComponentsOnly) {
    for (const Keyword keyword : all_keywords()) {
        if (components(keyword).front() != keyword) continue;  // a synonym is in no set
        const auto set = exclusive_set(keyword);
        EXPECT_NE(std::find(set.begin(), set.end(), keyword), set.end()) << name_of(keyword);
        for (const Keyword member : set) {
            ASSERT_EQ(components(member).size(), 1U) << name_of(member);
            EXPECT_EQ(components(member).front(), member) << name_of(member);
            EXPECT_TRUE(std::ranges::equal(exclusive_set(member), set)) << name_of(member);
        }
    }
}

TEST(KeywordSets, SynonymsTakeTheSameArguments) {
    for (const Keyword keyword : all_keywords()) {
        for (const Keyword component : components(keyword)) {
            EXPECT_EQ(info(component).form, info(keyword).form) << name_of(keyword);
            EXPECT_EQ(components(component).size(), 1U) << name_of(keyword);
        }
    }
}

TEST(KeywordSets, EveryDefaultHasAnAlternative) {
    for (const Keyword keyword : all_keywords()) {
        if (!info(keyword).is_default()) continue;
        EXPECT_GT(exclusive_set(components(keyword).front()).size(), 1U) << name_of(keyword);
    }
}

TEST(KeywordSets, EveryNegationExcludesWhatItNegates) {
    for (const Keyword keyword : all_keywords()) {
        const auto positive = find_keyword(
            name_of(keyword).starts_with("no") ? name_of(keyword).substr(2) : std::string_view()
        );
        if (!positive) continue;
        // "nosmtp" is the opposite of both SMTP and LMTP; all others form a set with theirs.
        for (const Keyword component : components(keyword)) {
            EXPECT_GT(exclusive_set(component).size(), 1U) << name_of(keyword);
        }
        const auto set = exclusive_set(components(keyword).front());
        const Keyword other = components(*positive).front();
        const bool together = std::find(set.begin(), set.end(), other) != set.end();
        EXPECT_TRUE(together) << name_of(keyword);
    }
}

TEST(KeywordSets, ProtocolsExcludeEachOther) {
    const auto set = exclusive_set(Keyword::lmtp_lf);
    EXPECT_EQ(set.size(), 9U);
    EXPECT_NE(std::find(set.begin(), set.end(), Keyword::smtp_crlf), set.end());
}

}  // namespace
}  // namespace sluice::channel
