#include "rewrite/pattern.h"

#include <gtest/gtest.h>

namespace sluice::rewrite {
namespace {

class UsablePattern : public testing::TestWithParam<const char*> {};

TEST_P(UsablePattern, IsAccepted) {
    EXPECT_EQ(why_never_matching(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    UsablePattern,
    testing::Values(
        "host.example.com",
        ".example.com",
        "*.example.com",
        "*.*.com",
        "*",
        "*.*",
        ".",
        "$*",
        "$%",
        "$!",
        "[]",
        "[1.]",
        "[1.2.]",
        "[1.2.3.]",
        "[1.2.3.4]",
        "[*.*.*.*]",
        "[IPv6:2001:db8::1]",
        "vip|*.example",
        "vip|$*",
        "vip|[1.2.]",
        "vip|.",
        "other-name"
    )
);

class UselessPattern : public testing::TestWithParam<const char*> {};

TEST_P(UselessPattern, IsReported) {
    EXPECT_NE(why_never_matching(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    UselessPattern,
    testing::Values(
        "x.*.example",
        "x.*",
        ".*.example",
        "a*.example",
        "*a.example",
        "*.x.*",
        "[10.2.3]",
        "[10]",
        "[10.2.3.4.]",
        "[10.*]",
        "[*.*.*]",
        "vip|x.*"
    )
);

}  // namespace
}  // namespace sluice::rewrite
