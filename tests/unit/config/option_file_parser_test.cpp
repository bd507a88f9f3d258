#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <tao/pegtl/contrib/analyze.hpp>

#include "config/option_file.h"
#include "grammar/option_file.h"

namespace sluice::config {
namespace {

namespace rules = grammar::option_file;

// "name=value" of every setting, "[KIND name]" before each later section.
std::string shown(const OptionFile& file) {
    std::string out;
    for (const auto& section : file.sections) {
        if (!section.kind.empty()) out += "[" + section.kind + " " + section.name + "] ";
        for (const auto& setting : section.settings) {
            out += setting.name + "=" + setting.value + "; ";
        }
    }
    return out;
}

std::string codes(const Diagnostics& diagnostics) {
    std::string out;
    for (const auto& item : diagnostics.items()) {
        out += item.code + "@" + std::to_string(item.where.line) + ":" +
               std::to_string(item.where.column) + " ";
    }
    return out;
}

TEST(OptionFileGrammar, HasNoRuleThatLoopsWithoutProgress) {
    EXPECT_EQ(tao::pegtl::analyze<rules::file<rules::any_sign>>(), 0U);
    EXPECT_EQ(tao::pegtl::analyze<rules::file<rules::exclamation_sign>>(), 0U);
}

struct SyntaxCase {
    const char* name;
    const char* text;
    const char* expected;
    const char* codes;
};
void PrintTo(const SyntaxCase& row, std::ostream* out) {
    *out << row.name;
}

class OptionFileSyntax : public testing::TestWithParam<SyntaxCase> {};

TEST_P(OptionFileSyntax, ReadsWhatTheManualPromises) {
    Diagnostics diagnostics;
    const OptionDialect dialect{.sections = true, .accumulating = {"LIST"}};
    const auto file = parse_option_file(GetParam().text, "option.dat", dialect, diagnostics);
    EXPECT_EQ(shown(file), GetParam().expected);
    EXPECT_EQ(codes(diagnostics), GetParam().codes);
}

const SyntaxCase syntax_cases[] = {
    {"empty", "", "", ""},
    {"plain", "A=1\nB=2\n", "A=1; B=2; ", ""},
    {"no_final_line_end", "A=1", "A=1; ", ""},
    {"crlf", "A=1\r\nB=2\r\n", "A=1; B=2; ", ""},
    {"blanks_around_equals", "MAX_NOTIFYS = 2  \n", "MAX_NOTIFYS=2; ", ""},
    {"empty_value", "A=\nB=1\n", "A=; B=1; ", ""},
    {"value_with_equals", "PARAMETER=CHANNEL=tcp_local\n", "PARAMETER=CHANNEL=tcp_local; ", ""},
    {"inner_blanks_stay", "A=x  y\n", "A=x  y; ", ""},
    {"comment_signs", "! a\n# b\n; c\nA=1\n", "A=1; ", ""},
    {"sign_inside_value", "A=x!y#z;\n", "A=x!y#z;; ", ""},
    {"blank_lines", "\n \t\n\r\nA=1\n  ", "A=1; ", ""},
    {"continuation", "A=one\\\ntwo\n", "A=onetwo; ", ""},
    {"continuation_keeps_blanks", "A=one,\\\n  two\n", "A=one,  two; ", ""},
    {"continuation_crlf", "A=one\\\r\ntwo\r\n", "A=onetwo; ", ""},
    {"comments_between_continuations", "A=one,\\\n! no\n# no\\\n; no\ntwo\n", "A=one,two; ", ""},
    {"comment_sign_after_blank_is_text", "A=one\\\n ! two\n", "A=one ! two; ", ""},
    {"continuation_at_end_of_file", "A=one\\", "A=one; ", ""},
    {"continuation_before_value", "A=\\\nB\n", "A=B; ", ""},
    {"backslash_inside", "A=c:\\x\n", "A=c:\\x; ", ""},
    {"backslash_then_blank", "A=one\\ \nB=1\n", "A=one\\; B=1; ", "W402@1:6 "},
    {"comment_ending_in_backslash", "! x\\\nA=1\n", "A=1; ", ""},
    {"duplicate", "A=1\na=2\n", "A=1; a=2; ", "W401@2:1 "},
    {"accumulating", "LIST=1\nlist=2\n", "LIST=1; list=2; ", ""},
    {"no_equals", "A 1\nB=2\n", "B=2; ", "E401@1:1 "},
    {"no_name", "  =1\nB=2\n", "B=2; ", "E401@1:3 "},
    {"sections", "A=1\n[POOL=x]\nB=2\n[ pool = y ]\nB=3\n", "A=1; [POOL x] B=2; [POOL y] B=3; ",
     ""},
    {"same_name_in_two_sections", "[P=a]\nX=1\n[P=b]\nX=2\n", "[P a] X=1; [P b] X=2; ", ""},
    {"section_twice", "[P=a]\nX=1\n[p=A]\nY=2\n", "[P a] X=1; Y=2; ", "W403@3:1 "},
    {"broken_section", "[POOL]\nX=1\n", "X=1; ", "E401@1:1 "},
    {"digit_first", "522_PERMANENT_ERROR_STRING=a|b\n", "522_PERMANENT_ERROR_STRING=a|b; ", ""},
};
INSTANTIATE_TEST_SUITE_P(
    Rows,
    OptionFileSyntax,
    testing::ValuesIn(syntax_cases),
    [](const auto& row) { return row.param.name; }
);

TEST(OptionFile, LastSettingOfANameCounts) {
    Diagnostics diagnostics;
    const auto file = parse_option_file("A=1\na=2\n", "f", {}, diagnostics);
    EXPECT_EQ(file.globals().find("A")->value, "2");
    EXPECT_EQ(file.globals().find("B"), nullptr);
    EXPECT_EQ(file.globals().find_all("a").size(), 2U);
}

TEST(OptionFile, PlacesPointAtNameAndValue) {
    Diagnostics diagnostics;
    const auto file = parse_option_file("! c\n  NAME = \\\n  value\n", "f", {}, diagnostics);
    const Setting& setting = file.globals().settings.at(0);
    EXPECT_EQ(setting.where.to_string(), "f:2:3");
    EXPECT_EQ(setting.value_where.to_string(), "f:3:1");
    EXPECT_EQ(setting.line, "  value");
}

TEST(OptionFile, TailorCommentsBeginWithExclamationOnly) {
    Diagnostics diagnostics;
    const OptionDialect tailor{.only_exclamation_comments = true};
    const auto file =
        parse_option_file("! c\n# x\nA=1\\\n#2\n", "imta_tailor", tailor, diagnostics);
    EXPECT_EQ(shown(file), "A=1#2; ");
    ASSERT_EQ(codes(diagnostics), "E401@2:1 ");
    EXPECT_EQ(
        diagnostics.items()[0].to_string(),
        "imta_tailor:2:1: error: expected name = value [E401]\n"
        "  # x\n"
        "  ^\n"
        "  hint: in this file only \"!\" starts a comment"
    );
}

TEST(OptionFile, SectionIsAnErrorWhereThereAreNone) {
    Diagnostics diagnostics;
    parse_option_file("[POOL=x]\nA=1\n", "f", {}, diagnostics);
    EXPECT_EQ(codes(diagnostics), "E403@1:1 ");
}

TEST(OptionFile, LineBeyondTheLimitIsRefusedAndTheNextIsRead) {
    Diagnostics diagnostics;
    const std::string fits = "A=" + std::string(max_option_line - 2, 'x') + "\n";
    const std::string too_long = "B=" + std::string(max_option_line, 'x') + "\n";
    const auto file = parse_option_file(fits + too_long + "C=1\n", "f", {}, diagnostics);
    EXPECT_EQ(file.globals().settings.size(), 2U);
    EXPECT_EQ(codes(diagnostics), "E402@2:1 ");
}

TEST(OptionFile, WorldWritableFileIsRefused) {
    const auto path = std::filesystem::path(testing::TempDir()) / "option_file_mode_test";
    std::ofstream(path) << "A=1\n";
    Diagnostics diagnostics;
    ::chmod(path.c_str(), 0644);
    EXPECT_TRUE(check_not_world_writable(path, diagnostics));
    EXPECT_TRUE(check_not_world_writable(path.string() + ".missing", diagnostics));
    ::chmod(path.c_str(), 0666);
    EXPECT_FALSE(check_not_world_writable(path, diagnostics));
    EXPECT_EQ(codes(diagnostics), "E404@1:1 ");
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace sluice::config
