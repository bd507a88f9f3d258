// Runs tests/cases/rewrite: every line of every table is one test.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "rewrite/rewrite.h"
#include "unit/rewrite/fake_answers.h"

namespace sluice::rewrite {
namespace {

namespace fs = std::filesystem;

struct ChannelFlags {
    bool bang_over_percent = false;
    bool no_rules = false;
};

struct ExampleConfiguration {
    RuleSet rules;
    HostTable hosts;
    std::map<std::string, ChannelFlags> channels;
    FakeAnswers answers;
    Diagnostics diagnostics;
};

struct ExampleRow {
    std::string file;
    std::vector<std::string> columns;
};

std::string text_of(const fs::path& path) {
    auto text = read_file(path.string());
    return text ? *text : std::string();
}

std::vector<std::string> lines_of(const fs::path& path) {
    const std::string text = text_of(path);
    std::vector<std::string> lines;
    for (const auto line : split(text, '\n')) lines.emplace_back(line);
    if (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
}

struct LogicalLine {
    std::string text;
    std::size_t number = 0;
};

// Comments away, continued lines joined.
std::vector<LogicalLine> logical_lines(const fs::path& path) {
    std::vector<LogicalLine> out;
    bool continued = false;
    std::size_t number = 0;
    for (std::string line : lines_of(path)) {
        ++number;
        if (!line.empty() && line.front() == '!') continue;
        const bool continues = !line.empty() && line.back() == '\\';
        if (continues) line.pop_back();
        if (continued) {
            out.back().text += line;
        } else {
            out.push_back({line, number});
        }
        continued = continues;
    }
    return out;
}

std::pair<std::string_view, std::string_view> first_word(std::string_view line) {
    line = trim(line);
    const auto end = line.find_first_of(" \t");
    if (end == std::string_view::npos) return {line, {}};
    return {line.substr(0, end), trim(line.substr(end))};
}

void add_block(const std::vector<std::string>& block, ExampleConfiguration& configuration) {
    const auto words = split_words(block.front());
    const std::string name(words.front());
    if (name == "defaults" || block.size() < 2) return;
    const auto has = [&](std::string_view keyword) {
        return std::find(words.begin(), words.end(), keyword) != words.end();
    };
    configuration.channels[name] = {has("bangoverpercent"), has("norules")};
    HostEntry entry;
    entry.channel = name;
    entry.is_local = name == "l";
    entry.route_local = has("routelocal");
    for (std::size_t i = 1; i < block.size(); ++i) {
        const auto [host, proper] = first_word(block[i]);
        if (i == 1) entry.official_host = host;
        entry.additional = i > 1;
        entry.proper_name = i > 1 ? std::string(proper) : std::string();
        EXPECT_TRUE(configuration.hosts.add(host, entry)) << host;
    }
}

void read_configuration(const fs::path& path, ExampleConfiguration& configuration) {
    const auto file = std::make_shared<const std::string>(path.filename().string());
    bool in_rules = true;
    std::vector<std::string> block;
    const auto end_block = [&] {
        if (!block.empty()) add_block(block, configuration);
        block.clear();
    };
    for (const auto& line : logical_lines(path)) {
        if (trim(line.text).empty()) {
            in_rules = false;
            end_block();
        } else if (in_rules) {
            const auto [pattern, templ] = first_word(line.text);
            configuration.rules.add(
                pattern, templ, {file, line.number, 1}, line.text, configuration.diagnostics
            );
        } else {
            block.push_back(line.text);
        }
    }
    end_block();
}

void read_table(const fs::path& path, FakeAnswers::Table& table) {
    for (const auto& line : lines_of(path)) {
        const auto [key, value] = first_word(line);
        if (!key.empty()) table.emplace(key, value);
    }
}

void read_mappings(const fs::path& path, FakeAnswers& answers) {
    std::string table;
    for (const auto& line : lines_of(path)) {
        if (trim(line).empty()) continue;
        const auto [first, second] = first_word(line);
        if (is_blank(line.front())) {
            answers.mappings[table].emplace_back(first, second);
        } else {
            table = first;
        }
    }
}

// Each configuration is read once for all of its rows.
ExampleConfiguration& configuration_of(const std::string& name) {
    static std::map<std::string, std::unique_ptr<ExampleConfiguration>> known;
    auto& configuration = known[name];
    if (configuration) return *configuration;
    configuration = std::make_unique<ExampleConfiguration>();
    const std::string base = std::string(SLUICE_TEST_CASES) + "/rewrite/" + name;
    read_configuration(base + ".cnf", *configuration);
    read_table(base + ".general", configuration->answers.general);
    read_table(base + ".domaindb", configuration->answers.domains);
    read_mappings(base + ".mappings", configuration->answers);
    for (const auto& domain : lines_of(base + ".localdomains")) {
        configuration->answers.local_domains.insert(domain);
    }
    return *configuration;
}

std::vector<ExampleRow> all_rows() {
    std::vector<fs::path> tables;
    for (const auto& entry : fs::directory_iterator(std::string(SLUICE_TEST_CASES) + "/rewrite")) {
        if (entry.path().extension() == ".tsv") tables.push_back(entry.path());
    }
    std::sort(tables.begin(), tables.end());
    std::vector<ExampleRow> rows;
    for (const auto& path : tables) {
        const auto lines = lines_of(path);
        for (std::size_t i = 1; i < lines.size(); ++i) {
            ExampleRow row{path.stem().string(), {}};
            for (const auto column : split(lines[i], '\t')) row.columns.emplace_back(column);
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

class RewriteExample : public testing::TestWithParam<ExampleRow> {};

TEST_P(RewriteExample, GivesTheExpectedResult) {
    const auto& columns = GetParam().columns;
    ASSERT_EQ(columns.size(), 9U);
    auto& configuration = configuration_of(GetParam().file);
    const auto flags_of = [&](const std::string& name) { return configuration.channels[name]; };

    Context context;
    context.envelope = starts_with_ignoring_case(columns[1], "envelope");
    context.forward = columns[1].ends_with("-to");
    const ChannelFlags source = flags_of(columns[2]);
    context.source = {
        columns[2], source.bang_over_percent, source.no_rules, is_reprocessing_name(columns[2])};
    if (columns[3] != "-") {
        context.destination = DestinationChannel{columns[3], flags_of(columns[3]).no_rules};
    }

    Trace trace;
    const Outcome outcome = rewrite(
        configuration.rules, configuration.hosts, {}, context, columns[4], configuration.answers,
        &trace
    );
    const std::string expected = columns[7] == "-" ? columns[5] + " -> " + columns[6] : columns[7];
    EXPECT_EQ(outcome.to_debug_string(), expected) << to_debug_string(trace);
    // Tracing changes nothing.
    const Outcome untraced = rewrite(
        configuration.rules, configuration.hosts, {}, context, columns[4], configuration.answers
    );
    EXPECT_EQ(untraced.to_debug_string(), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Tables,
    RewriteExample,
    testing::ValuesIn(all_rows()),
    [](const auto& row) {
        std::string name = "row_" + row.param.columns.at(0);
        std::replace(name.begin(), name.end(), '.', '_');
        return name;
    }
);

TEST(RewriteExamples, AreAllThere) {
    constexpr std::size_t rows_of_the_specification = 268;
    EXPECT_GE(all_rows().size(), rows_of_the_specification);
}

TEST(RewriteExamples, HaveNoErrorsInTheirRules) {
    for (const auto& row : all_rows()) {
        const auto& diagnostics = configuration_of(row.file).diagnostics;
        for (const auto& item : diagnostics.items()) {
            EXPECT_NE(item.severity, Severity::error) << item.to_string();
        }
    }
}

}  // namespace
}  // namespace sluice::rewrite
