#include "config/conversions_file.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

std::string parsed(const std::string& text) {
    Diagnostics diagnostics;
    std::string out;
    for (const auto& entry : parse_conversions(text, "conversions", diagnostics).entries)
        out += std::to_string(entry.where.line) + ": " + entry.to_debug_string() + '\n';
    for (const auto& finding : diagnostics.items()) {
        out += std::to_string(finding.where.line) + ':' + std::to_string(finding.where.column) +
               ' ' + finding.code + '\n';
    }
    return out;
}

struct Row {
    const char* name;
    const char* text;
    const char* expected;
};
class Good : public testing::TestWithParam<Row> {};
TEST_P(Good, IsRead) {
    EXPECT_EQ(parsed(GetParam().text), GetParam().expected);
}

const Row good[] = {
    {"one_line", "in-type=text; command=\"/bin/true\"\n", "1: IN-TYPE=text; COMMAND=/bin/true\n"},
    {"several_lines",
     "in-chan=tcp_local;\n in-type=application;\n  delete=1\nin-type=image; delete=1",
     "1: IN-CHAN=tcp_local; IN-TYPE=application; DELETE=1\n4: IN-TYPE=image; DELETE=1\n"},
    {"blank_line_ends_an_entry", "in-type=a; delete=1;\n\nin-type=b; delete=1\n",
     "1: IN-TYPE=a; DELETE=1\n3: IN-TYPE=b; DELETE=1\n"},
    {"end_of_file_ends_an_entry", "in-type=a; delete=1;", "1: IN-TYPE=a; DELETE=1\n"},
    {"joined_lines", "in-type=a; del\\\nete=1\n", "1: IN-TYPE=a; DELETE=1\n"},
    {"join_before_the_rule_of_semicolons", "in-type=a;\\\ndelete=1\n", "1: IN-TYPE=a; DELETE=1\n"},
    {"comments", "! first\nin-type=a;\n! between \\\n  delete=1\n! last",
     "2: IN-TYPE=a; DELETE=1\n"},
    {"crlf", "in-type=a;\r\ndelete=1\r\n", "1: IN-TYPE=a; DELETE=1\n"},
    {"semicolon_in_quotes", "command=\"a;b \\\"c\\\" \\\\\"; in-type=x\n",
     "1: IN-TYPE=x; COMMAND=a;b \"c\" \\\n"},
    {"names_in_any_case", "In-Channel=a; OUT-channel=b; Delete=1",
     "1: IN-CHAN=a; OUT-CHAN=b; DELETE=1\n"},
    {"later_spelling_counts", "in-chan=a; in-channel=b; delete=1", "1: IN-CHAN=b; DELETE=1\n"},
    {"parameters",
     "in-parameter-name-3=charset; in-parameter-value-3=iso*; in-parameter-default-3=us-ascii;\n"
     "in-dparameter-name-0=filename; out-parameter-name-0=name; out-parameter-value-0=x;\n"
     "parameter-copy-1=*; dparameter-copy-0=filename; parameter-symbol-3=CS;\n"
     "dparameter-symbol-9=filename; command=c",
     "1: IN-PARAMETER-3=charset/iso*/us-ascii; IN-DPARAMETER-0=filename/*/-; COMMAND=c; "
     "OUT-PARAMETER=name/x; PARAMETER-COPY=*; DPARAMETER-COPY=filename; "
     "PARAMETER-SYMBOL=CS/charset; DPARAMETER-SYMBOL=filename/filename\n"},
    {"published_table_value",
     "out-type=a; out-parameter-name-0=name;\n"
     "out-parameter-value-0=\"'X-ATT-NAMES:\\\\'INPUT_SUBTYPE\\\\''\"\n",
     "1: OUT-TYPE=a; OUT-PARAMETER=name/'X-ATT-NAMES:\\'INPUT_SUBTYPE\\''\n"},
    {"files_of_headers",
     "command=c; original-header-file=1; override-header-file=1; override-option-file=1; "
     "message-header-file=2",
     "1: COMMAND=c; ORIGINAL-HEADER-FILE=1; OVERRIDE-HEADER-FILE=1; OVERRIDE-OPTION-FILE=1; "
     "MESSAGE-HEADER-FILE=2\n"},
    {"empty_value", "in-description=; out-description=\"\"\n",
     "1: IN-DESCRIPTION=; OUT-DESCRIPTION=\n"},
    {"nothing", "", ""},
};
INSTANTIATE_TEST_SUITE_P(Conversions, Good, testing::ValuesIn(good), [](const auto& row) {
    return std::string(row.param.name);
});

class Bad : public testing::TestWithParam<Row> {};
TEST_P(Bad, IsReportedWithItsPlace) {
    EXPECT_EQ(parsed(GetParam().text), GetParam().expected);
}

const Row bad[] = {
    {"no_equals", "in-type=a; nonsense; delete=1\nin-type=b; delete=1\n",
     "2: IN-TYPE=b; DELETE=1\n1:12 E_CLAUSE\n"},
    {"open_quote", "in-type=a;\n command=\"abc\nin-type=b; delete=1\n",
     "3: IN-TYPE=b; DELETE=1\n2:10 E_QUOTE\n"},
    {"does_nothing", "in-type=a\n", "1:1 E_EMPTY\n"},
    {"command_and_delete", "command=c; delete=1\n", "1:1 E_CONFLICT\n"},
    {"command_and_service", "command=c; service-command=d\n", "1:1 E_CONFLICT\n"},
    {"unknown_name", "in-typ=a; delete=1\n", "1: DELETE=1\n1:1 W_NAME\n"},
    {"tenth_parameter", "in-parameter-name-10=a; delete=1\n", "1: DELETE=1\n1:1 W_NAME\n"},
    {"twice", "in-type=a; in-type=b; delete=1\n", "1: IN-TYPE=b; DELETE=1\n1:12 W_TWICE\n"},
    {"value_without_name", "in-parameter-value-0=a; delete=1\n", "1:1 E_CLAUSE\n"},
    {"name_without_value", "out-parameter-name-0=a\n", "1:1 E_CLAUSE\n1:1 E_EMPTY\n"},
    {"delete_maybe", "delete=maybe", "1:1 E_VALUE\n"},
    {"encoding", "out-encoding=rot13", "1:1 E_VALUE\n"},
    {"mode", "out-type=a; out-mode=page", "1:13 E_VALUE\n"},
    {"symbol_of_the_loader", "command=c; parameter-symbol-0=LD_PRELOAD", "1:12 E_VALUE\n"},
    {"symbol_of_ours", "command=c; parameter-symbol-0=input_file", "1:12 E_VALUE\n"},
    {"joined_place", "in-type=a; \\\n  bad\n", "2:3 E_CLAUSE\n"},
};
INSTANTIATE_TEST_SUITE_P(Conversions, Bad, testing::ValuesIn(bad), [](const auto& row) {
    return std::string(row.param.name);
});

TEST(Conversions, FilesIncludeOthers) {
    MemoryFiles files(
        {{"/c/conversions", "in-type=a; delete=1\n<more\n<gone\n"},
         {"/c/more", "in-type=b; delete=1\n<more\n"}}
    );
    Diagnostics diagnostics;
    const auto entries = read_conversions("/c/conversions", files, nullptr, diagnostics);
    EXPECT_EQ(entries.entries.size(), 4U);
    ASSERT_EQ(diagnostics.items().size(), 2U);
    EXPECT_EQ(diagnostics.items()[0].code, "E_NEST");
    EXPECT_EQ(diagnostics.items()[1].code, "E_INCLUDE");
    EXPECT_EQ(diagnostics.items()[1].where.to_string(), "/c/conversions:3:1");
}

TEST(Conversions, FileNeedNotExist) {
    MemoryFiles files({});
    Diagnostics diagnostics;
    EXPECT_TRUE(read_conversions("/c/x", files, nullptr, diagnostics).entries.empty());
    EXPECT_TRUE(diagnostics.items().empty());
}

}  // namespace
}  // namespace sluice::config
