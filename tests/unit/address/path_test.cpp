#include "address/path.h"

#include <gtest/gtest.h>

#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/mailbox.h"

namespace sluice::address {
namespace {

TEST(MailboxGrammar, HasNoLoopsWithoutProgress) {
    EXPECT_EQ(tao::pegtl::analyze<grammar::mailbox::path>(), 0U);
    EXPECT_EQ(tao::pegtl::analyze<grammar::mailbox::lone_mailbox>(), 0U);
}

struct PathRow {
    const char* name;
    const char* text;
    const char* expected;
};

class GoodPath : public testing::TestWithParam<PathRow> {};

TEST_P(GoodPath, IsTakenApart) {
    const auto path = parse_path(GetParam().text);
    ASSERT_TRUE(path) << path.error().to_debug_string();
    EXPECT_EQ(path->to_debug_string(), GetParam().expected);
}

TEST_P(GoodPath, IsReadAgainFromItsCanonicalText) {
    const auto path = parse_path(GetParam().text);
    ASSERT_TRUE(path);
    const auto again = parse_path('<' + path->text + '>');
    ASSERT_TRUE(again) << again.error().to_debug_string();
    EXPECT_EQ(*again, *path);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    GoodPath,
    testing::Values(
        PathRow{"Plain", "<jdoe@example.com>", "path{local=jdoe domain=example.com}"},
        PathRow{"Null", "<>", "path{local= domain=}"},
        PathRow{"CaseKept", "<JDoe@Example.COM>", "path{local=JDoe domain=Example.COM}"},
        PathRow{"SourceRoute", "<@a,@b:u@c>", "path{via a via b local=u domain=c}"},
        PathRow{"LiteralInRoute", "<@[192.0.2.1]:u@c>", "path{via [192.0.2.1] local=u domain=c}"},
        PathRow{"Bare", "<postmaster>", "path{local=postmaster domain=}"},
        PathRow{"PercentForm", "<u%h@g>", "path{local=u%h domain=g}"},
        PathRow{"BangForm", "<h!u@g>", "path{local=h!u domain=g}"},
        PathRow{"Quoted", "<\"john doe\"@h>", "path{local=\"john doe\" domain=h}"},
        PathRow{"QuotedAt", "<\"a@b\"@h>", "path{local=\"a@b\" domain=h}"},
        PathRow{"QuotedBracket", "<\"a>b\"@h>", "path{local=\"a>b\" domain=h}"},
        PathRow{"NeedlesslyQuoted", "<\"john\"@h>", "path{local=john domain=h}"},
        PathRow{"EmptyQuoted", "<\"\"@h>", "path{local=\"\" domain=h}"},
        PathRow{"Ipv4Literal", "<u@[192.0.2.1]>", "path{local=u domain=[192.0.2.1]}"},
        PathRow{"Ipv6Literal", "<u@[IPv6:2001:db8::1]>", "path{local=u domain=[IPv6:2001:db8::1]}"},
        PathRow{
            "Ipv6MappedLiteral", "<u@[ipv6:::ffff:192.0.2.1]>",
            "path{local=u domain=[ipv6:::ffff:192.0.2.1]}"},
        PathRow{
            "OtherLiteral", "<u@[x-tag:some.thing]>", "path{local=u domain=[x-tag:some.thing]}"},
        PathRow{"RoutingName", "<u@tcp_local-daemon>", "path{local=u domain=tcp_local-daemon}"},
        PathRow{"ManyHyphens", "<u@xn--a---b.example>", "path{local=u domain=xn--a---b.example}"},
        PathRow{
            "Utf8",
            "<j\xc3\xb6rg@b\xc3\xbc"
            "cher.example>",
            "path{local=j\xc3\xb6rg domain=b\xc3\xbc"
            "cher.example utf8}"},
        PathRow{"Utf8Quoted", "<\"j \xc3\xb6\"@h>", "path{local=\"j \xc3\xb6\" domain=h utf8}"}
    ),
    [](const auto& row) { return row.param.name; }
);

struct BadRow {
    const char* name;
    std::string text;
    const char* reason;
};

class BadPath : public testing::TestWithParam<BadRow> {};

TEST_P(BadPath, IsRefusedWithAReason) {
    const auto path = parse_path(GetParam().text);
    ASSERT_FALSE(path) << path->to_debug_string();
    EXPECT_EQ(path.error().status(), (StatusCode{5, 1, 3}));
    EXPECT_TRUE(path.error().is_permanent());
    EXPECT_EQ(path.error().text(), GetParam().reason);
}

constexpr const char* bad_local = "syntax error in the local part of the address";
constexpr const char* bad_domain = "syntax error in the domain of the address";
constexpr const char* no_brackets = "address must be in angle brackets";

INSTANTIATE_TEST_SUITE_P(
    Rows,
    BadPath,
    testing::Values(
        BadRow{"Empty", "", no_brackets},
        BadRow{"NoBrackets", "u@h", no_brackets},
        BadRow{"NotClosed", "<u@h", bad_domain},
        BadRow{"Trailing", "<u@h> x", bad_domain},
        BadRow{"Blank", "<u u@h>", bad_local},
        BadRow{"DoubleDot", "<a..b@h>", bad_local},
        BadRow{"LeadingDot", "<.a@h>", bad_local},
        BadRow{"NoLocalPart", "<@h>", bad_local},
        BadRow{"RouteAlone", "<@h:>", bad_local},
        BadRow{"RouteToBareName", "<@h:u>", bad_local},
        BadRow{"NoDomain", "<u@>", bad_domain},
        BadRow{"TwoAts", "<u@v@h>", bad_domain},
        BadRow{"EmptyLabel", "<u@a..b>", bad_domain},
        BadRow{"FinalDot", "<u@a.>", bad_domain},
        BadRow{"HyphenFirst", "<u@-a>", bad_domain},
        BadRow{"HyphenLast", "<u@a->", bad_domain},
        BadRow{"LabelTooLong", "<u@" + std::string(64, 'a') + ".example>", bad_domain},
        BadRow{"NoSuchIpv4", "<u@[192.0.2.256]>", bad_domain},
        BadRow{"ShortIpv4", "<u@[192.0.2]>", bad_domain},
        BadRow{"NoSuchIpv6", "<u@[IPv6:1::2::3]>", bad_domain},
        BadRow{"Ipv6WithoutTag", "<u@[2001:db8::1]>", bad_domain},
        BadRow{"EmptyLiteral", "<u@[]>", bad_domain},
        BadRow{"UnclosedQuote", "<\"u@h>", bad_local},
        BadRow{"ControlByte", std::string("<u\x01@h>"), bad_local},
        BadRow{"NulByte", std::string("<u\0v@h>", 7), bad_local},
        BadRow{"LineFeedInQuotes", "<\"a\nb\"@h>", bad_local},
        BadRow{"BrokenUtf8", "<j\xc3@h>", bad_local},
        BadRow{"OverlongUtf8", "<j\xc0\xaf@h>", bad_local},
        BadRow{
            "LocalPartTooLong", '<' + std::string(65, 'a') + "@h>",
            "local part of the address is too long"},
        BadRow{
            "PathTooLong", '<' + std::string(60, 'a') + '@' + std::string(200, 'b') + '>',
            "address is too long"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Path, HasTheLimitsOfTheStandard) {
    const std::string domain =
        std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(61, 'c');
    EXPECT_TRUE(parse_path('<' + std::string(64, 'u') + '@' + domain + '>'));
    EXPECT_FALSE(parse_path('<' + std::string(64, 'u') + '@' + domain + "d>"));
}

TEST(Path, TakesOtherLimits) {
    Limits wide;
    wide.local_part = 100;
    EXPECT_TRUE(parse_path('<' + std::string(100, 'u') + "@h>", wide));
    Limits narrow;
    narrow.domain = 4;
    const auto path = parse_path("<u@abcde>", narrow);
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().text(), "domain of the address is too long");
}

TEST(Path, TellsTheNullPathFromAnEmptyMailbox) {
    EXPECT_TRUE(parse_path("<>")->is_null());
    EXPECT_FALSE(parse_path("<\"\"@h>")->is_null());
}

TEST(Mailbox, IsParsedWithoutBrackets) {
    EXPECT_EQ(*parse_mailbox("u@h"), (Mailbox{"u", "h"}));
    EXPECT_EQ(*parse_mailbox("u"), (Mailbox{"u", ""}));
    EXPECT_EQ(parse_mailbox("\"a b\"@[192.0.2.1]")->text(), "\"a b\"@[192.0.2.1]");
    EXPECT_FALSE(parse_mailbox("<u@h>"));
    EXPECT_FALSE(parse_mailbox(""));
    EXPECT_FALSE(parse_mailbox("@a:u@h"));
    EXPECT_FALSE(parse_mailbox("u@h "));
    EXPECT_FALSE(parse_mailbox(std::string(255, 'u')));
}

}  // namespace
}  // namespace sluice::address
