#include "config/aliases_file.h"

#include <gtest/gtest.h>

#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze.hpp>

#include "config/tailor.h"
#include "grammar/alias_file.h"

namespace sluice::config {
namespace {

namespace rules = grammar::alias_file;

TEST(AliasFileGrammar, HasNoRuleThatLoopsWithoutProgress) {
    EXPECT_EQ(tao::pegtl::analyze<rules::file>(), 0U);
    EXPECT_EQ(tao::pegtl::analyze<rules::address_list>(), 0U);
}

struct Read {
    explicit Read(
        std::string_view text,
        const std::map<std::string, std::string>& others = {},
        AliasFileSettings settings = {nullptr, true}
    )
        : files(others) {
        table = parse_aliases(text, "/c/aliases", files, settings, findings);
    }
    // Without the findings about the postmaster, which most tests do not define.
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items()) {
            if (item.code == "W_NO_POSTMASTER") continue;
            out += item.code + "@" + std::to_string(item.where.line) + ":" +
                   std::to_string(item.where.column) + " ";
        }
        return out;
    }
    [[nodiscard]] std::string shown() const {
        std::string out;
        for (const auto& alias : table.all()) out += alias->to_debug_string() + "; ";
        return out;
    }
    MemoryFiles files;
    Diagnostics findings;
    alias::AliasTable table;
};

struct AliasCase {
    const char* name;
    const char* text;
    const char* expected;
    const char* codes;
};
void PrintTo(const AliasCase& row, std::ostream* out) {
    *out << row.name;
}
class AliasFile : public testing::TestWithParam<AliasCase> {};

TEST_P(AliasFile, ReadsWhatTheManualPromises) {
    const Read read(GetParam().text);
    EXPECT_EQ(read.shown(), GetParam().expected);
    EXPECT_EQ(read.codes(), GetParam().codes);
}

const AliasCase alias_cases[] = {
    {"plain", "amy: amy@x.example\n", "amy: amy@x.example; ", ""},
    {"several", "amy: a , b@x.example,c\n", "amy: a, b@x.example, c; ", ""},
    {"no_final_line_end", "amy: a", "amy: a; ", ""},
    {"crlf", "amy: a,\\\r\n b\r\nbob: c\r\n", "amy: a, b; bob: c; ", ""},
    {"comments_and_blank_lines", "! x: y\n\n  \namy: a\n", "amy: a; ", ""},
    {"continuation", "amy: a, \\\n   b, \\\n\tc\n", "amy: a, b, c; ", ""},
    {"continuation_with_comment", "amy: a,\\\n! no\nb\n", "amy: a, b; ", ""},
    {"continuation_after_colon", "amy:\\\na\n", "amy: a; ", ""},
    {"continuation_without_comma", "amy: a\\\nb\n", "amy: ab; ", "W_CONTINUATION@1:7 "},
    {"continuation_at_end_of_file", "amy: a,\\", "amy: a; ", "W_CONTINUATION@1:8 "},
    {"whole_address", "amy@x.example: a\n", "amy@x.example: a; ", ""},
    {"wildcards", "*@x.example: a\n*+*@x.example: b\namy+*: c\n",
     "*@x.example: a; *+*@x.example: b; amy+*: c; ", ""},
    {"quoted_name", "\"amy: smith\": a\n", "\"amy: smith\": a; ", ""},
    {"display_name", "amy: Amy Smith <amy@x.example>, \"B, C\" <b@x.example>\n",
     "amy: amy@x.example, b@x.example; ", ""},
    {"comment_in_address", "amy: amy@x.example (Amy, at work), b\n", "amy: amy@x.example, b; ", ""},
    {"quoted_local_part", "amy: \"amy, smith\"@x.example\n", "amy: \"amy, smith\"@x.example; ", ""},
    {"shown_alias", "amy: :a, b\n", "amy: :a, b; ", ""},
    {"source_route", "amy: <@a,@b:c@d>, e\n", "amy: @a,@b:c@d, e; ", ""},
    {"source_route_with_name", "amy: x <@a,@b:c@d>, e\n", "amy: @a,@b:c@d, e; ", ""},
    {"percent_and_bang", "amy: a%b@c, d!e\n", "amy: a%b@c, d!e; ", ""},
    {"literal", "amy: a@[IPv6:2001:db8::1]\n", "amy: a@[IPv6:2001:db8::1]; ", ""},
    {"trailing_comma", "amy: a, b,\n", "amy: a, b; ", ""},
    {"utf8", "amy: am\xC3\xBD@x.example\n", "amy: am\xC3\xBD@x.example; ", ""},
    {"empty", "amy:\nbob: b\n", "bob: b; ", "E_NO_ADDRESS@1:1 "},
    {"only_commas", "amy: , ,\n", "", "E_NO_ADDRESS@1:1 "},
    {"duplicate", "amy: a\nAMY: b\n", "amy: a; ", "E_DUPLICATE@2:1 "},
    {"two_words", "amy: a b, c\n", "amy: c; ", "E_BAD_ADDRESS@1:6 "},
    {"bad_on_second_line", "amy: a,\\\n  b@\n", "amy: a; ", "E_BAD_ADDRESS@2:3 "},
    {"unclosed_quote", "amy: \"a\n", "", "E_BAD_ADDRESS@1:6 "},
    {"unclosed_angle", "amy: x <a@b\n", "", "E_BAD_ADDRESS@1:6 "},
    {"text_after_angle", "amy: x <a@b> y\n", "", "E_BAD_ADDRESS@1:6 "},
    {"program", "amy: |/bin/cat\n", "", "E_BAD_ADDRESS@1:6 "},
    {"file", "amy: /var/mail/x\n", "", "E_BAD_ADDRESS@1:6 "},
    {"sendmail_include", "amy: :include:/x, b\n", "amy: :include:/x, b; ", ""},
    {"sendmail_include_relative", "amy: :include: x\n", "amy: :include:/c/x; ", ""},
    {"hash_comment", "# amy: a\nbob: b\n", "bob: b; ", "E_SYNTAX@1:1 "},
    {"indented", "  amy: a\nbob: b\n", "bob: b; ", "E_SYNTAX@1:1 "},
    {"blank_before_colon", "amy : a\nbob: b\n", "bob: b; ", "E_SYNTAX@1:4 "},
    {"no_colon", "amy\nbob: b\n", "bob: b; ", "E_SYNTAX@1:1 "},
    {"no_local_part", "@x.example: a\n", "", "E_BAD_NAME@1:1 "},
    {"no_domain", "amy@: a\n", "", "E_BAD_NAME@1:1 "},
    {"list_of_file", "friends: </etc/friends, err@x.example\nbob: b\n",
     "friends: </etc/friends; bob: b; ", ""},
    {"list_of_relative_file", "friends: < friends.dis\n", "friends: </c/friends.dis; ", ""},
    {"list_with_parameter", "friends: [capture] audit@x, amy@x\n", "friends: amy@x; ", ""},
    {"list_on_next_line", "friends: \\\n  <x\n", "friends: </c/x; ", ""},
    {"list_of_unknown_parameter", "friends: [colour] blue, amy@x\n", "friends: amy@x; ",
     "E_PARAMETER@1:10 "},
    {"list_with_open_bracket", "friends: [capture audit@x, amy@x\n", "friends: amy@x; ",
     "E_PARAMETER@1:10 "},
    {"list_with_bad_number", "friends: [blocklimit] many, amy@x\n", "friends: amy@x; ",
     "E_PARAMETER@1:23 "},
    {"list_with_late_parameter", "friends: amy@x, [tag] x\n", "friends: amy@x; ",
     "E_PARAMETER@1:17 "},
    {"list_with_parameter_without_value", "friends: [tag], amy@x\n", "friends: amy@x; ",
     "E_PARAMETER@1:15 "},
    {"list_with_parameter_without_effect", "friends: [filter] /x.sieve, amy@x\n",
     "friends: amy@x; ", "W_PARAMETER@1:10 "},
    {"list_with_six_positions", "friends: <x, a@b, *, *, *, c, d\n", "friends: </c/x; ",
     "E_POSITION@1:31 "},
    {"list_with_bad_error_return", "friends: <x, a@@\n", "friends: </c/x; ", "E_POSITION@1:14 "},
    {"list_of_directory", "friends: <ldap:///o=x?mail\n", "friends:; ", "W_DIRECTORY@1:10 "},
    {"list_without_file", "friends: <, a@b\n", "friends:; ", "E_MEMBER_FILE@1:11 "},
    {"only_parameters", "friends: [tag] x\n", "", "E_NO_ADDRESS@1:1 "},
};
INSTANTIATE_TEST_SUITE_P(Rows, AliasFile, testing::ValuesIn(alias_cases), [](const auto& row) {
    return row.param.name;
});

std::string definition(std::size_t name_size, std::size_t local_part_size) {
    std::string text(name_size, 'n');
    text += ": ";
    text.append(local_part_size, 'a');
    text += "@x\n";
    return text;
}

TEST(AliasFileLimits, NamesAndAddressesHaveAGreatestLength) {
    EXPECT_EQ(Read(definition(max_alias_name, 1)).codes(), "");
    EXPECT_EQ(Read(definition(max_alias_name + 1, 1)).codes(), "E_NAME_LONG@1:1 ");
    EXPECT_EQ(Read(definition(1, max_alias_address - 2)).codes(), "");
    EXPECT_EQ(Read(definition(1, max_alias_address - 1)).codes(), "E_ADDRESS_LONG@1:4 ");
}

TEST(AliasFileIncludes, TakeThePlaceOfTheirLine) {
    const Read read(
        "a: 1\n<more\nd: 4\n", {{"/c/more", "b: 2\n<sub/deep\n"},
                                {"/c/sub/deep", "c: 3\n<again\n"},
                                {"/c/sub/again", "x: 9\n"}}
    );
    EXPECT_EQ(read.shown(), "a: 1; b: 2; c: 3; x: 9; d: 4; ");
    EXPECT_EQ(read.codes(), "");
}

TEST(AliasFileIncludes, NestThreeDeepAtMost) {
    const Read read("a: 1\n<loop\nb: 2\n", {{"/c/loop", "<loop\n"}});
    EXPECT_EQ(read.shown(), "a: 1; b: 2; ");
    EXPECT_EQ(read.codes(), "E_INCLUDE_DEPTH@1:2 ");
}

TEST(AliasFileIncludes, AreLimitedInNumber) {
    std::string many;
    for (int i = 0; i < 100; ++i) many += "<many\n";
    const Read read(many, {{"/c/many", many}});
    EXPECT_TRUE(read.findings.has_errors());
}

TEST(AliasFileIncludes, MissingFileIsAnError) {
    EXPECT_EQ(Read("< missing \n").codes(), "E_INCLUDE@1:3 ");
}

TEST(AliasFileIncludes, PrefixIsThatOfTheTailorFile) {
    const Tailor tailor("/opt/mta");
    const Read read(
        "<IMTA_TABLE:more\n<IMTA_NONE:more\n", {{"/opt/mta/config/more", "a: 1\n"}}, {&tailor, true}
    );
    EXPECT_EQ(read.shown(), "a: 1; ");
    EXPECT_EQ(read.codes(), "E_INCLUDE@2:2 ");
}

TEST(AliasFilePostmaster, MustBeDefinedUnlessReachedOtherwise) {
    const auto severity = [](const Read& read) {
        return read.findings.items().empty() ? "none" : read.findings.items()[0].code;
    };
    EXPECT_EQ(severity(Read("amy: a\n", {}, {nullptr, false})), "E_NO_POSTMASTER");
    EXPECT_EQ(severity(Read("amy: a\n", {}, {nullptr, true})), "W_NO_POSTMASTER");
    EXPECT_EQ(severity(Read("Postmaster: a\n", {}, {nullptr, false})), "none");
    EXPECT_EQ(Read("amy: a\n", {}, {nullptr, false}).shown(), "amy: a; ");
}

TEST(AliasFileDiagnostics, ShowLineCaretAndHint) {
    const Read read("amy: a@x.example b@x.example\n");
    EXPECT_EQ(
        read.findings.items().at(0).to_string(),
        "/c/aliases:1:6: error: not an address: a@x.example b@x.example [E_BAD_ADDRESS]\n"
        "  amy: a@x.example b@x.example\n"
        "       ^\n"
        "  hint: put a comma between two addresses"
    );
}

}  // namespace
}  // namespace sluice::config
