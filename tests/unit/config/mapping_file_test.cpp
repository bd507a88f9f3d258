#include "config/mapping_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tao/pegtl/contrib/analyze.hpp>

#include "cases/cases.h"
#include "config/mapping_file_lines.h"
#include "grammar/mapping_file.h"
#include "mapping/engine.h"
#include "mapping/limits.h"
#include "support/mapping_examples.h"

namespace sluice::config {
namespace {

std::string base_name(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

/// "file:line CODE" of every finding, errors only unless asked otherwise.
std::multiset<std::string> found_in(const Diagnostics& diagnostics, bool warnings = false) {
    std::multiset<std::string> found;
    for (const auto& d : diagnostics.items()) {
        if (d.severity == Severity::warning && !warnings) continue;
        found.insert(
            base_name(d.where.file_name()) + ':' + std::to_string(d.where.line) + ' ' + d.code
        );
    }
    return found;
}

std::multiset<std::string> findings_of(const std::string& text, bool warnings = false) {
    MemoryFiles files(std::map<std::string, std::string>{{"m", text}});
    Diagnostics diagnostics;
    read_mapping_file("m", files, diagnostics);
    return found_in(diagnostics, warnings);
}

using Findings = std::multiset<std::string>;

TEST(MappingFileGrammar, MakesProgress) {
    EXPECT_EQ(tao::pegtl::analyze<grammar::mapping_file::line>(), 0U);
}

TEST(MappingFile, ReportsExactlyTheErrorsOfTheExamples) {
    std::size_t count = 0;
    const auto ran = cases::run_table(
        SLUICE_TEST_CASES "/mapping/errors/errors.tsv",
        [&](const cases::Outcome& outcome) {
            EXPECT_EQ(outcome.actual, outcome.expected) << outcome.id;
            ++count;
        }
    );
    EXPECT_TRUE(ran);
    EXPECT_GT(count, 10U);
}

struct BadFile {
    const char* name;
    const char* text;
    Findings findings;
};

class RefusedMappingFile : public testing::TestWithParam<BadFile> {};

TEST_P(RefusedMappingFile, NamesCodeAndLine) {
    EXPECT_EQ(findings_of(GetParam().text), GetParam().findings);
}

INSTANTIATE_TEST_SUITE_P(
    MappingFile,
    RefusedMappingFile,
    testing::Values(
        BadFile{"NameBehindName", "A\nB\n\n  a b\n", {"m:2 E_NO_BLANK"}},
        BadFile{"BlankMissingIsSaidOnce", "A\n  a b\n  c d\n", {"m:2 E_NO_BLANK"}},
        BadFile{"EveryOrphan", "A\n\n  a b\n\n  c d\n  e f\n", {"m:5 E_ORPHAN", "m:6 E_ORPHAN"}},
        BadFile{
            "EntriesOfADuplicateAreChecked",
            "A\n\n  a b\n\na\n\n  x$ y\n  $Dx y\n",
            {"m:5 E_DUPLICATE", "m:8 E_GLOB"}},
        BadFile{"BothColumns", "A\n\n  $Dx $[a\n", {"m:3 E_GLOB", "m:3 E_UNTERMINATED"}},
        BadFile{"FaultInAContinuation", "A\n\n  a b\\\n  c d\n", {"m:3 E_TRAILING"}},
        BadFile{"BackslashAtTheVeryEnd", "A\n\n  a b\\", {"m:3 E_CONT_EOF"}},
        BadFile{"ContinuedNameAtTheEnd", "A\n\n  a b\n\nB\\\n", {"m:5 E_CONT_EOF"}},
        BadFile{"Digit", "1A\n", {"m:1 E_COLUMN1"}}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(MappingFile, AcceptsUnusualButValidLayouts) {
    EXPECT_EQ(findings_of(""), Findings{});
    EXPECT_EQ(findings_of("\n\n! only a comment"), Findings{});
    EXPECT_EQ(findings_of("A"), Findings{});
    EXPECT_EQ(findings_of("A  \t\n   \n\ta\tb"), Findings{});
    EXPECT_EQ(findings_of("A\r\n\r\n  a  b\r\n  c\r\n"), Findings{});
    EXPECT_EQ(findings_of("A\n\n  a  b   \n"), Findings{});
    EXPECT_EQ(findings_of("A\n\n  a \\\n   \\\n  b\n"), Findings{});
}

mapping::Outcome probe_text(const std::string& text, std::string_view input) {
    mapping::NoAnswers nothing;
    return mapping::probe(test::load_text(text), "A", input, {}, nothing);
}

TEST(MappingFile, JoinsContinuedLinesByTheRules) {
    EXPECT_EQ(probe_text("A\n\n  ab\\\r\ncd  x$Y\r\n", "abcd").output, "x");
    EXPECT_EQ(probe_text("A\n\n  ab\\\n  x$Y\n", "ab").output, "x");
    EXPECT_EQ(probe_text("A\n\n  a  one \\\n  two$ \\\n three\n", "a").output, "onetwo three");
    // A dollar before the join quotes the first octet behind it.
    EXPECT_EQ(probe_text("A\n\n  a  one$\\\n two\n", "a").output, "one two");
    EXPECT_EQ(probe_text("A\n\n  a$\\\n b  x\n", "a b").output, "x");
    // Elsewhere a backslash is data.
    EXPECT_EQ(probe_text("A\n\n  a\\b  c\\d\n", "a\\b").output, "c\\d");
    EXPECT_EQ(probe_text("A\n\n  a\\  c\\ \n", "a\\").output, "c\\");
    EXPECT_EQ(probe_text("A\n\n  a\\\\\n  c\\\t\n", "a\\").output, "c\\");
    EXPECT_EQ(probe_text("A\n\n  a$\\  c\n", "a\\").output, "c");
}

TEST(MappingFile, DiagnosticsShowTheLineWithACaret) {
    MemoryFiles files(std::map<std::string, std::string>{
        {"dir/mappings", "PORT_ACCESS\n\n\tTCP|*  $N$[a,b\n"}});
    Diagnostics diagnostics;
    read_mapping_file("dir/mappings", files, diagnostics);
    ASSERT_EQ(diagnostics.items().size(), 1U);
    EXPECT_EQ(
        diagnostics.items()[0].to_string(),
        "dir/mappings:3:11: error: `]` is missing to close `$[` [E_UNTERMINATED]\n"
        "  \tTCP|*  $N$[a,b\n"
        "  \t         ^\n"
        "  hint: the form is `$[image,routine,argument]`"
    );
}

TEST(MappingFile, FaultsInContinuationsNameBothLines) {
    MemoryFiles files(std::map<std::string, std::string>{{"m", "FORWARD\n\n  a  b\\\n    $[x\n"}});
    Diagnostics diagnostics;
    read_mapping_file("m", files, diagnostics);
    ASSERT_EQ(diagnostics.items().size(), 1U);
    EXPECT_EQ(diagnostics.items()[0].where.line, 3U);
    EXPECT_NE(
        diagnostics.items()[0].text.find("in the continuation on line 4, column 5"),
        std::string::npos
    );
}

TEST(MappingFile, MissingMainFileIsAnEmptySet) {
    MemoryFiles files(std::map<std::string, std::string>{});
    Diagnostics diagnostics;
    EXPECT_TRUE(read_mapping_file("none", files, diagnostics).tables().empty());
    EXPECT_TRUE(diagnostics.items().empty());
}

TEST(MappingFile, UnreadableMainFileIsAnError) {
    DiskFiles files;
    Diagnostics diagnostics;
    read_mapping_file("/", files, diagnostics);
    EXPECT_EQ(diagnostics.error_count(), 1U);
}

TEST(MappingFile, IncludesRelativeAbsoluteAndFromTheTableDirectory) {
    MemoryFiles files({
        {"conf/mappings", "A\n\n<sub/one\n<IMTA_TABLE:two\n</etc/three\n"},
        {"conf/sub/one", "  a 1\n<deeper\n"},
        {"conf/sub/deeper", "  d 4\n"},
        {"tables/two", "  b 2\n"},
        {"/etc/three", "  c 3\n"},
    });
    Diagnostics diagnostics;
    const auto tables = read_mapping_file("conf/mappings", files, diagnostics, "tables");
    EXPECT_FALSE(diagnostics.has_errors());
    EXPECT_EQ(tables.entry_count(), 4U);
    EXPECT_EQ(tables.find("a")->entries()[1].where.to_string(), "conf/sub/deeper:1:3");
}

TEST(MappingFile, FileThatIncludesItselfManyTimesComesToAnEnd) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "<m\n";
    MemoryFiles files(std::map<std::string, std::string>{{"m", text}});
    Diagnostics diagnostics;
    read_mapping_file("m", files, diagnostics);
    EXPECT_TRUE(diagnostics.has_errors());
}

TEST(MappingFile, ColumnsHaveALengthLimit) {
    const std::string good(mapping::limits::column, 'x');
    EXPECT_EQ(findings_of("A\n\n  " + good + " " + good + "\n"), Findings{});
    EXPECT_EQ(
        findings_of("A\n\n  " + good + "x " + good + "x\n"),
        (Findings{"m:3 E_TOO_LONG", "m:3 E_TOO_LONG"})
    );
}

TEST(MappingFile, WarnsAboutTablesNobodyAsks) {
    const std::string text =
        "PORT_ACCESS\n\n  * $|CALLED;$0|\n\nCALLED\n\n  * $Y\n\nX-OWN\n\n  * $Y\n\nSMS_TEXT\n\n"
        "TYPO_ACCESS\n\n  * $Y\n";
    EXPECT_EQ(findings_of(text, true), Findings{"m:15 W_UNKNOWN_TABLE"});
    EXPECT_EQ(findings_of("REVERSE\n\n  a  $(b)\n", true), Findings{"m:3 W_FLAG"});
}

}  // namespace
}  // namespace sluice::config
