#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/answers.h"
#include "mapping/table.h"

// Example data of tests/cases/mapping: tables, probes, expected results (see the README there).
namespace sluice::test {

/// One line of a tab-separated file, by the names of its first line.
using Row = std::map<std::string, std::string, std::less<>>;
std::vector<Row> read_rows(const std::string& path);
/// Undoes \e \t \n \r \\ of the example files.
std::string unescaped(std::string_view text);
/// "-" is the empty text.
std::string dash_is_empty(const std::string& text);

/// The outside world of the examples: stub routines, a general database, sequence numbers.
class ExampleAnswers final : public mapping::Answers {
public:
    /// Reads NAME.general and NAME.seq beside the tables, where they exist.
    void load(const std::string& base);
    mapping::Answer ask(const mapping::Question& question) override;

private:
    std::map<std::string, std::string> general_;
    std::map<std::string, std::uint64_t> sequences_;
};

/// Reads tests/cases/mapping/NAME.map; fails the test on any error.
mapping::TableSet load_example(const std::string& name);
/// Compiles "NAME\n\n entries" held in memory; fails the test on any error.
mapping::TableSet load_text(const std::string& text);

}  // namespace sluice::test
