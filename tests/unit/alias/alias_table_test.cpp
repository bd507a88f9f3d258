#include "alias/alias_table.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace sluice::alias {
namespace {

// Names between blanks.
AliasTable table_of(std::string_view names) {
    AliasTable table;
    for (const auto name : split_words(names)) {
        table.add({std::string(name), {{"target", false}}, {}, {}, {}});
    }
    return table;
}

TEST(AliasTable, KeepsTheFirstOfTwoEqualNames) {
    AliasTable table;
    EXPECT_TRUE(table.add({"Amy", {{"a", false}}, {}, {}, {}}));
    EXPECT_FALSE(table.add({"\"aMY\"", {{"b", false}}, {}, {}, {}}));
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.find("AMY")->to_debug_string(), "Amy: a");
}

struct LookupCase {
    const char* name;
    const char* aliases;
    const char* local_part;
    const char* domain;
    bool local_channel;
    SubaddressMode mode;
    std::int64_t alias_domains;
    const char* key;     // "" : not found
    const char* detail;  // kept for the result
};
void PrintTo(const LookupCase& row, std::ostream* out) {
    *out << row.name;
}
class AliasLookup : public testing::TestWithParam<LookupCase> {};

TEST_P(AliasLookup, FindsTheMostExactForm) {
    const auto& row = GetParam();
    const AliasTable table = table_of(row.aliases);
    LookupRules rules;
    rules.alias_domains = row.alias_domains;
    const auto found =
        table.lookup({row.local_part, row.domain, row.local_channel, row.mode}, rules);
    EXPECT_EQ(found ? found->key : "", row.key);
    EXPECT_EQ(found ? found->detail : "", row.detail);
}

constexpr auto relaxed = SubaddressMode::relaxed;
constexpr auto wild = SubaddressMode::wild;
constexpr auto exact = SubaddressMode::exact;

const LookupCase lookup_cases[] = {
    {"local_part_on_local_channel", "amy", "amy", "x.example", true, relaxed, 6, "amy", ""},
    {"local_part_elsewhere_needs_bit_0", "amy", "amy", "x.example", false, relaxed, 6, "", ""},
    {"local_part_elsewhere_with_bit_0", "amy", "amy", "x.example", false, relaxed, 1, "amy", ""},
    {"any_case", "Amy@X.Example", "aMY", "x.eXAMPLE", false, relaxed, 2, "aMY@x.eXAMPLE", ""},
    {"address_beats_local_part", "amy amy@x.example", "amy", "x.example", true, relaxed, 6,
     "amy@x.example", ""},
    {"address_needs_bit_1", "amy@x.example", "amy", "x.example", true, relaxed, 4, "", ""},
    {"wildcard_beats_local_part", "amy *@x.example", "amy", "x.example", true, relaxed, 7,
     "*@x.example", ""},
    {"wildcard_needs_bit_2", "*@x.example", "amy", "x.example", true, relaxed, 2, "", ""},
    {"wildcard_of_subaddresses_first", "*@x.example *+*@x.example", "amy+d", "x.example", true,
     relaxed, 6, "*+*@x.example", ""},
    {"wildcard_of_subaddresses_needs_one", "*+*@x.example", "amy", "x.example", true, relaxed, 6,
     "", ""},
    {"relaxed_whole", "amy amy+* amy+d", "amy+d", "x", true, relaxed, 6, "amy+d", ""},
    {"relaxed_star", "amy amy+*", "amy+d", "x", true, relaxed, 6, "amy+*", "d"},
    {"relaxed_user", "amy", "amy+d", "x", true, relaxed, 6, "amy", "d"},
    {"relaxed_address", "amy@x", "amy+d", "x", true, relaxed, 6, "amy@x", "d"},
    {"wild_star", "amy amy+*", "amy+d", "x", true, wild, 6, "amy+*", ""},
    {"wild_never_user", "amy", "amy+d", "x", true, wild, 6, "", ""},
    {"exact_whole", "amy amy+* amy+d", "amy+d", "x", true, exact, 6, "amy+d", ""},
    {"exact_only", "amy amy+*", "amy+d", "x", true, exact, 6, "", ""},
    {"exact_without_detail", "amy", "amy", "x", true, exact, 6, "amy", ""},
    {"quoted", "amy", "\"amy\"", "x", true, relaxed, 6, "amy", ""},
    {"quoted_detail", "amy", "\"amy+a b\"", "x", true, relaxed, 6, "amy", "a b"},
    {"quoted_at_sign_is_no_address", "pm@other", "\"pm@other\"", "x", true, relaxed, 7, "", ""},
    {"no_domain", "*@ amy", "amy", "", true, relaxed, 7, "amy", ""},
};
INSTANTIATE_TEST_SUITE_P(Rows, AliasLookup, testing::ValuesIn(lookup_cases), [](const auto& row) {
    return row.param.name;
});

TEST(AliasLookup, TellsWhatItTried) {
    const AliasTable table = table_of("amy");
    const auto found = table.lookup({"amy+d", "x.example", true, relaxed}, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(
        found->tried, (std::vector<std::string>{
                          "amy+d@x.example", "amy+*@x.example", "amy@x.example", "*+*@x.example",
                          "*@x.example", "amy+d", "amy+*"})
    );
}

TEST(AliasLookup, SeparatorIsAnOption) {
    const AliasTable table = table_of("amy");
    LookupRules rules;
    rules.subaddress_char = '-';
    EXPECT_EQ(table.lookup({"amy-d", "x", true, relaxed}, rules)->detail, "d");
    EXPECT_FALSE(table.lookup({"amy+d", "x", true, relaxed}, rules));
}

}  // namespace
}  // namespace sluice::alias
