#include "dispatcher/log_versions.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

using Names = std::vector<std::string>;

const Names names = {"smtp.log-10-2",  "smtp.log-9-a",     "smtp.log-9-9", "smtp.log-f-1",
                     "smtp.log-10-10", "smtp.log",         "smtp.log-x-1", "smtp.log-9",
                     "mail.log-9-9",   "smtp.log-9-9.old", "smtp.log-9-"};

TEST(LogVersions, OldestGoFirst) {
    EXPECT_EQ(
        surplus_versions(names, "smtp.log", 2, {}),
        (Names{"smtp.log-9-9", "smtp.log-9-a", "smtp.log-f-1"})
    );
}

TEST(LogVersions, LogsInUseStayAndDoNotCount) {
    EXPECT_EQ(
        surplus_versions(names, "smtp.log", 2, {"smtp.log-9-9", "smtp.log-10-10"}),
        (Names{"smtp.log-9-a"})
    );
}

TEST(LogVersions, FewAreKept) {
    EXPECT_TRUE(surplus_versions(names, "smtp.log", 5, {}).empty());
    EXPECT_TRUE(surplus_versions({}, "smtp.log", 0, {}).empty());
}

}  // namespace
}  // namespace sluice::dispatcher
