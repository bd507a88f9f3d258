#include "mapping/entry_index.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mapping/pattern.h"

namespace sluice::mapping {
namespace {

std::vector<Pattern> compiled(const std::vector<std::string>& texts) {
    std::vector<Pattern> patterns;
    for (const auto& text : texts) {
        SyntaxFindings findings;
        patterns.push_back(*Pattern::parse(text, findings));
    }
    return patterns;
}

EntryIndex index_of(const std::vector<Pattern>& patterns) {
    std::vector<const Pattern*> pointers;
    for (const auto& pattern : patterns) pointers.push_back(&pattern);
    return EntryIndex(pointers);
}

TEST(EntryIndex, LeavesShortTablesAlone) {
    EXPECT_FALSE(index_of(compiled({"one", "two"})).in_use());
}

TEST(EntryIndex, PicksFewOfManyByTheirRarestPiece) {
    std::vector<std::string> texts;
    for (int i = 0; i < 10'000; ++i) {
        texts.push_back(
            "TCP|*|25|203." + std::to_string(i / 250) + ".113." + std::to_string(i % 250) + "|*"
        );
    }
    texts.emplace_back("*");
    texts.emplace_back("$(10.0.0.0/8)");
    const auto index = index_of(compiled(texts));
    ASSERT_TRUE(index.in_use());
    std::vector<std::uint32_t> found;
    index.candidates("tcp|192.0.2.1|25|203.7.113.66|40000", found);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    EXPECT_TRUE(std::count(found.begin(), found.end(), 7U * 250 + 66));
    EXPECT_TRUE(std::count(found.begin(), found.end(), 10'000U));
    EXPECT_FALSE(std::count(found.begin(), found.end(), 10'001U));  // no such address in it
    EXPECT_LT(found.size(), 60U);
}

TEST(EntryIndex, PicksNetworksByTheAddressesInTheText) {
    std::vector<std::string> texts;
    for (int i = 0; i < 5000; ++i) {
        const std::string middle = std::to_string(i / 250) + '.' + std::to_string(i % 250);
        texts.push_back("TCP|*|25|$(10." + middle + ".0/24)|*");
        texts.push_back("TCP|*|25|${2001:db8:" + std::to_string(i) + "::/48}|*");
    }
    const auto index = index_of(compiled(texts));
    std::vector<std::uint32_t> found;
    index.candidates("tcp|192.0.2.1|25|10.3.77.9|40000", found);
    EXPECT_EQ(found, (std::vector<std::uint32_t>{2 * (3 * 250 + 77)}));
    index.candidates("tcp|192.0.2.1|25|ipv6:2001:db8:1234::9|40000", found);
    EXPECT_EQ(found, (std::vector<std::uint32_t>{2 * 1234 + 1}));
    index.candidates("tcp|192.0.2.1|25|10.3.77|40000", found);
    EXPECT_TRUE(found.empty());
}

TEST(EntryIndex, FindsAddressesThatBeginInsideARun) {
    std::vector<std::string> texts(30, "x*$(0.0.0.0/0)");
    std::vector<std::uint32_t> found;
    index_of(compiled(texts)).candidates("x999.1.2.3", found);
    EXPECT_EQ(found.size(), 30U);
}

TEST(EntryIndex, NamesEveryEntryOnce) {
    std::vector<std::string> texts(30, "*@EXAMPLE.com");
    std::vector<std::uint32_t> found;
    index_of(compiled(texts)).candidates("a@example.com@example.com", found);
    EXPECT_EQ(found.size(), 30U);
}

}  // namespace
}  // namespace sluice::mapping
