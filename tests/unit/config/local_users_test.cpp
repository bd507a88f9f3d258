#include "config/local_users.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

LocalUsers read(const std::string& text, Diagnostics& diagnostics) {
    MemoryFiles files(std::map<std::string, std::string>{{"users", text}});
    return read_local_users("users", files, diagnostics);
}

TEST(LocalUsers, NamesAndPrefixesWithoutRegardToCase) {
    Diagnostics diagnostics;
    const auto users = read("! comment\nadam\r\n  Eve \nu*\n\n", diagnostics);
    EXPECT_FALSE(diagnostics.has_errors());
    EXPECT_TRUE(users.contains("ADAM"));
    EXPECT_TRUE(users.contains("eve"));
    EXPECT_TRUE(users.contains("u17"));
    EXPECT_FALSE(users.contains("snake"));
}

TEST(LocalUsers, NameThatCouldLeaveTheStoreIsNobody) {
    Diagnostics diagnostics;
    const auto users = read("*\n", diagnostics);
    EXPECT_TRUE(users.contains("anyone"));
    for (const char* bad : {"", ".hidden", "../x", "a/b", "a b", "a\nb"})
        EXPECT_FALSE(users.contains(bad)) << bad;
}

TEST(LocalUsers, BadLinesAreNamedAndTheOthersLoad) {
    Diagnostics diagnostics;
    const auto users = read("good\n  bad/name\n", diagnostics);
    EXPECT_TRUE(users.contains("good"));
    ASSERT_EQ(diagnostics.items().size(), 1U);
    EXPECT_EQ(diagnostics.items()[0].where.to_string(), "users:2:3");
}

TEST(LocalUsers, MissingFileMeansNobody) {
    MemoryFiles files(std::map<std::string, std::string>{});
    Diagnostics diagnostics;
    EXPECT_TRUE(read_local_users("none", files, diagnostics).empty());
    EXPECT_FALSE(diagnostics.has_errors());
}

}  // namespace
}  // namespace sluice::config
