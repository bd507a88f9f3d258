#include "store/database_source.h"

#include <gtest/gtest.h>

namespace sluice::store {
namespace {

constexpr std::string_view text = "a 1\n\n! comment\nB 2\nlonely\nA 3\r\nc 4";

TEST(DatabaseSource, CollectsEntriesAndExceptions) {
    const DatabaseSource source = read_database_source(text, {});
    EXPECT_EQ(source.entries, (Entries{{"a", "1"}, {"b", "2"}, {"c", "4"}}));
    EXPECT_EQ(source.lines, 7U);
    EXPECT_EQ(source.added, 3U);
    EXPECT_EQ(source.duplicates, 1U);
    ASSERT_EQ(source.exceptions.size(), 2U);
    EXPECT_EQ(source.exceptions[0].line, 5U);
    EXPECT_EQ(source.exceptions[0].problem.code, "E_NO_VALUE");
    EXPECT_EQ(source.exceptions[1].line, 6U);
    EXPECT_EQ(source.exceptions[1].problem.code, "E_DUPLICATE");
    EXPECT_EQ(source.exceptions[1].text, "A 3");
}

TEST(DatabaseSource, DuplicatesMayBeAllowed) {
    SourceRules rules;
    rules.allow_duplicates = true;
    const DatabaseSource source = read_database_source(text, rules);
    EXPECT_EQ(source.entries.at("a"), "1");
    EXPECT_EQ(source.duplicates, 1U);
    EXPECT_EQ(source.exceptions.size(), 1U);
}

TEST(DatabaseSource, AddsToWhatWasThere) {
    const DatabaseSource source =
        read_database_source("a new\nc new\n", {}, {{"a", "old"}, {"b", "old"}});
    EXPECT_EQ(source.entries, (Entries{{"a", "new"}, {"b", "old"}, {"c", "new"}}));
    EXPECT_EQ(source.replaced, 1U);
    EXPECT_EQ(source.duplicates, 0U);
}

}  // namespace
}  // namespace sluice::store
