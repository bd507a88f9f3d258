#include "rewrite/first_host.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::rewrite {
namespace {

struct Row {
    const char* name;
    const char* address;
    const char* expected;  // position host|rest, "-" where there is no host
    bool bang_over_percent = false;
};

std::string describe(const std::optional<FirstHost>& found) {
    if (!found) return "-";
    std::string out = std::string(to_string(found->position)) + ' ' + std::string(found->host);
    if (found->separator != '\0') out += found->separator;
    return out + '|' + std::string(found->rest);
}

class FirstHostOf : public testing::TestWithParam<Row> {};

TEST_P(FirstHostOf, IsTakenOffTheAddress) {
    const auto found = find_first_host(GetParam().address, GetParam().bang_over_percent);
    EXPECT_EQ(describe(found), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    FirstHostOf,
    testing::Values(
        Row{"At", "user@a.b.c", "at a.b.c|user"},
        Row{"Literal", "user@[0.1.2.3]", "at [0.1.2.3]|user"},
        Row{"Route", "@a:user@b.c.d", "route a:|user@b.c.d"},
        Row{"LongRoute", "@a,@b,@c:user@d", "route a,|@b,@c:user@d"},
        Row{"RouteLiteral", "@[IPv6:::1]:user@b", "route [IPv6:::1]:|user@b"},
        Row{"AtOverPercent", "user%A@B", "at B|user%A"},
        Row{"Percent", "user%A", "percent A|user"},
        Row{"LastPercent", "user%A%B", "percent B|user%A"},
        Row{"DoublePercent", "user%%A%B", "percent B|user%%A"},
        Row{"OnlyDoublePercent", "user%%A", "-"},
        Row{"Bang", "A!user", "bang A|user"},
        Row{"FirstBang", "A!B!user", "bang A|B!user"},
        Row{"AtOverBang", "A!user@B", "at B|A!user"},
        Row{"PercentOverBang", "A!user%B", "percent B|A!user"},
        Row{"BangOverPercent", "A!user%B", "bang A|user%B", true},
        Row{"BangOverPercentWithoutBang", "user%B", "percent B|user", true},
        Row{"NoHost", "user", "-"},
        Row{"Nothing", "", "-"},
        Row{"QuotedPercent", "\"user%a\"", "-"},
        Row{"QuotedAt", "\"a@b\"@c", "at c|\"a@b\""},
        Row{"QuotedColonInRoute", "@\"a:b\":u@c", "route \"a:b\":|u@c"},
        Row{"BackslashInQuotes", "\"a\\\"%b\"%c", "percent c|\"a\\\"%b\""},
        Row{"UnclosedQuote", "\"user%a", "percent a|\"user"},
        Row{"UnclosedBracket", "user[%a", "percent a|user["},
        Row{"PercentInLiteral", "u%[fe80::1%eth0]", "percent [fe80::1%eth0]|u"},
        Row{"PercentFirst", "%a", "-"},
        Row{"PercentLast", "a%", "-"},
        Row{"BangFirst", "!a", "-"},
        Row{"BangLast", "a!", "-"},
        Row{"EmptyHost", "user@", "-"},
        Row{"EmptyHostAfterPercentForm", "user%a@", "percent a|user"},
        Row{"EmptyRouteElement", "@:user@b", "at b|user"},
        Row{"AtFirst", "@host", "at host|"},
        Row{"LastAt", "a@b@c", "at c|a@b"}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace
}  // namespace sluice::rewrite
