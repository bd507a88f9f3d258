// The published example files of the language: every configuration of tests/cases/parse gives
// exactly the diagnostics and the channel table that stand beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "config/imta_cnf.h"

namespace sluice::config {
namespace {

const std::string cases = SLUICE_TEST_CASES "/parse/";

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(cases)) {
        if (entry.path().extension() == ".cnf") names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string found_table(const Diagnostics& diagnostics) {
    struct Row {
        std::string file;
        std::size_t line;
        std::string severity;
        std::string code;
        auto operator<=>(const Row&) const = default;
    };
    std::vector<Row> rows;
    for (const Diagnostic& d : diagnostics.items()) {
        std::string file(d.where.file_name());
        EXPECT_TRUE(file.starts_with(cases)) << file;
        file.erase(0, cases.size());
        EXPECT_GT(d.where.column, 0U) << d.to_string();
        rows.push_back(
            {file, d.where.line, d.severity == Severity::error ? "error" : "warning", d.code}
        );
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::tie(a.file, a.line, a.code) < std::tie(b.file, b.line, b.code);
    });
    std::string text = "file\tline\tseverity\tid\n";
    for (const Row& row : rows) {
        text += row.file + '\t' + std::to_string(row.line) + '\t' + row.severity + '\t' + row.code +
                '\n';
    }
    return text;
}

std::string channel_table(const channel::ChannelTable& channels) {
    std::string text = "channel\tofficial_host\tlocal_host_alias\teffective_keywords\n";
    for (const auto& channel : channels) {
        const std::string& alias = channel.local_host_alias();
        text += channel.name() + '\t' + channel.official_host() + '\t' +
                (alias.empty() ? "-" : alias) + '\t' + channel.to_debug_string() + '\n';
    }
    return text;
}

class ParseCase : public testing::TestWithParam<std::string> {};

TEST_P(ParseCase, GivesItsDiagnosticsAndChannels) {
    DiskFiles files;
    Diagnostics diagnostics;
    const ImtaCnf cnf = read_imta_cnf(cases + GetParam() + ".cnf", files, diagnostics);
    EXPECT_EQ(found_table(diagnostics), read_file(cases + GetParam() + ".diag.tsv").value());
    if (const auto channels = read_file(cases + GetParam() + ".channels.tsv")) {
        EXPECT_EQ(channel_table(cnf.channels), *channels);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Files,
    ParseCase,
    testing::ValuesIn(case_names()),
    [](const auto& parameter) {
        std::string name = parameter.param;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    }
);

TEST(RewriteExamples, ReadWithoutErrors) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(SLUICE_TEST_CASES "/rewrite")) {
        if (entry.path().extension() != ".cnf") continue;
        DiskFiles files;
        Diagnostics diagnostics;
        const ImtaCnf cnf = read_imta_cnf(entry.path().string(), files, diagnostics);
        for (const Diagnostic& d : diagnostics.items()) {
            EXPECT_EQ(d.severity, Severity::warning) << d.to_string();
            EXPECT_NE(d.code, "W301") << d.to_string();
        }
        EXPECT_NE(cnf.channels.local(), nullptr) << entry.path();
        ++count;
    }
    EXPECT_EQ(count, 20U);
}

TEST(ParseCases, AreAllHere) {
    EXPECT_EQ(case_names().size(), 14U);
}

}  // namespace
}  // namespace sluice::config
