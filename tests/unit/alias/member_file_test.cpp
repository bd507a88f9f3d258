#include "alias/member_file.h"

#include <gtest/gtest.h>

namespace sluice::alias {
namespace {

std::string shown(std::string_view text, MemberSyntax syntax = MemberSyntax::list) {
    const MemberFile file = parse_member_file(text, syntax);
    std::string out;
    for (const Member& member : file.members)
        out += (member.show_alias ? ":" : "") + member.address + "; ";
    for (const std::string& name : file.includes) out += '<' + name + "; ";
    for (const auto& problem : file.problems) out += '!' + std::to_string(problem.line) + "; ";
    return out;
}

struct MemberCase {
    const char* name;
    const char* text;
    const char* expected;
};
void PrintTo(const MemberCase& row, std::ostream* out) {
    *out << row.name;
}
class MemberFileText : public testing::TestWithParam<MemberCase> {};
TEST_P(MemberFileText, HasOneMemberOnALine) {
    EXPECT_EQ(shown(GetParam().text), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Rows,
    MemberFileText,
    testing::Values(
        MemberCase{"plain", "a@x\nb@y\n", "a@x; b@y; "},
        MemberCase{"crlf_and_no_final_line_end", "a@x\r\n\r\nb@y", "a@x; b@y; "},
        MemberCase{"comments", "! all\na@x\n  \n", "a@x; "},
        MemberCase{"display_names", "Amy <a@x>\n\"B, C\" <b@y> (home)\n", "a@x; b@y; "},
        MemberCase{"bare_brackets", "<a@x>\n", "a@x; "},
        MemberCase{"include", "a@x\n< more.dis\n", "a@x; <more.dis; "},
        MemberCase{"shown_as_the_list", ":a@x\n", ":a@x; "},
        MemberCase{"bad_lines", "a@x\na b\nc@\n", "a@x; !2; !3; "},
        MemberCase{"two_on_a_line", "a@x, b@y\n", "!1; "},
        MemberCase{"utf8", "\xC3\xA4@x\n", "\xC3\xA4@x; "},
        MemberCase{"empty", "", ""}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(MemberFile, OfSendmailHasCommasAndHashComments) {
    EXPECT_EQ(
        shown("# staff\na, \"b, c\"@x, d <d@y>\n!\n", MemberSyntax::sendmail),
        "a; \"b, c\"@x; d@y; "
    );
}

TEST(MemberFile, LongLinesAreLeftOut) {
    std::string text(max_member_line + 1, 'a');
    text += "\nb\n";
    EXPECT_EQ(shown(text), "b; !1; ");
}

TEST(MemberFile, ProblemsAreLimited) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "a b\n";
    EXPECT_EQ(parse_member_file(text, MemberSyntax::list).problems.size(), max_member_problems);
}

TEST(MemberFile, LinesOfOtherFilesKeepTheirBlanks) {
    const std::vector<std::string> expected = {"List-Id: <x>", "  y"};
    EXPECT_EQ(file_lines("! h\r\nList-Id: <x>\r\n\r\n  y\r\n"), expected);
}

}  // namespace
}  // namespace sluice::alias
