#include "support/mapping_examples.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "config/file_source.h"
#include "config/mapping_file.h"

namespace sluice::test {

namespace {

using mapping::Answer;
using mapping::Question;

std::vector<std::string_view> lines_of(std::string_view text) {
    auto lines = split(text, '\n');
    if (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
}

mapping::TableSet checked(const std::string& path, config::FileSource& files) {
    Diagnostics diagnostics;
    auto tables = config::read_mapping_file(path, files, diagnostics);
    for (const auto& found : diagnostics.items()) {
        if (found.severity == Severity::error) ADD_FAILURE() << found.to_string();
    }
    return tables;
}

}  // namespace

std::vector<Row> read_rows(const std::string& path) {
    const std::string text = read_file(path).value();
    const auto lines = lines_of(text);
    const auto names = split(lines.at(0), '\t');
    std::vector<Row> rows;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto values = split(lines[i], '\t');
        Row row;
        for (std::size_t k = 0; k < names.size() && k < values.size(); ++k) {
            row.emplace(names[k], values[k]);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            plain += text[i];
            continue;
        }
        switch (text[++i]) {
            case 'e':
                break;
            case 't':
                plain += '\t';
                break;
            case 'n':
                plain += '\n';
                break;
            case 'r':
                plain += '\r';
                break;
            default:
                plain += text[i];
        }
    }
    return plain;
}

std::string dash_is_empty(const std::string& text) {
    return text == "-" ? "" : text;
}

void ExampleAnswers::load(const std::string& base) {
    if (file_exists(base + ".general")) {
        const std::string text = read_file(base + ".general").value();
        for (const auto line : lines_of(text)) {
            const auto end = line.find_first_of(" \t");
            general_.emplace(to_lower(line.substr(0, end)), trim(line.substr(end)));
        }
    }
    if (file_exists(base + ".seq")) {
        const std::string text = read_file(base + ".seq").value();
        for (const auto line : lines_of(text)) {
            const auto words = split_words(line);
            sequences_.emplace(words.at(0), parse_unsigned(words.at(1)).value());
        }
    }
}

Answer ExampleAnswers::ask(const Question& question) {
    if (question.kind == Question::Kind::general_value) {
        const auto found = general_.find(to_lower(question.subject));
        return found == general_.end() ? Answer::none() : Answer::literal(found->second);
    }
    if (question.kind == Question::Kind::sequence_number) {
        const auto found = sequences_.find(question.subject);
        return found == sequences_.end() ? Answer::none()
                                         : Answer::literal(std::to_string(++found->second));
    }
    if (question.kind == Question::Kind::call_out && question.subject == "test") {
        if (question.routine == "echo") return Answer::literal(question.argument);
        if (question.routine == "template") return Answer::template_text(question.argument);
        if (question.routine == "upper") return Answer::literal(to_upper(question.argument));
    }
    return Answer::none();
}

mapping::TableSet load_example(const std::string& name) {
    config::DiskFiles files;
    return checked(SLUICE_TEST_CASES "/mapping/" + name + ".map", files);
}

mapping::TableSet load_text(const std::string& text) {
    config::MemoryFiles files({{"test.map", text}});
    return checked("test.map", files);
}

}  // namespace sluice::test
