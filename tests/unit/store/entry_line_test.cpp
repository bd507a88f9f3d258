#include "store/entry_line.h"

#include <gtest/gtest.h>

namespace sluice::store {
namespace {

Entry entry_of(std::string_view line, const LineSyntax& syntax = {}) {
    const auto parsed = parse_entry_line(line, syntax);
    const auto* entry = std::get_if<Entry>(&parsed);
    return entry != nullptr ? *entry : Entry{"(none)", "(none)"};
}

std::string problem_of(std::string_view line, const LineSyntax& syntax = {}) {
    const auto parsed = parse_entry_line(line, syntax);
    const auto* problem = std::get_if<LineProblem>(&parsed);
    if (problem == nullptr) return "none";
    return std::string(problem->code) + '@' + std::to_string(problem->at);
}

TEST(EntryLine, KeyBlanksValue) {
    const Entry entry = entry_of("Acme \t $u%eng.example.com@tcp_a-daemon  ");
    EXPECT_EQ(entry.key, "acme");
    EXPECT_EQ(entry.value, "$u%eng.example.com@tcp_a-daemon");
    EXPECT_EQ(entry_of("  indented value").key, "indented");
}

TEST(EntryLine, CommentsAndBlankLinesSayNothing) {
    for (const std::string_view line : {"", "   ", "\t", "! a comment", "!"})
        EXPECT_TRUE(std::holds_alternative<NoEntry>(parse_entry_line(line, {}))) << line;
    EXPECT_EQ(entry_of("$!key value").key, "!key");
}

TEST(EntryLine, DollarQuotesInKeys) {
    EXPECT_EQ(entry_of("a$ b value").key, "a b");
    EXPECT_EQ(entry_of("a$$b value").key, "a$b");
    EXPECT_EQ(entry_of("a$$ value").key, "a$");
}

TEST(EntryLine, ValueIsRestOfLineOrOneWord) {
    EXPECT_EQ(
        entry_of("staff  a@example.com, b@example.com ").value, "a@example.com, b@example.com"
    );
    EXPECT_EQ(entry_of("key ends$  ").value, "ends$ ");
    LineSyntax word;
    word.value_is_one_word = true;
    EXPECT_EQ(entry_of("key a$ b", word).value, "a$ b");
    EXPECT_EQ(problem_of("key a b", word), "E_TRAILING@6");
}

TEST(EntryLine, QuotedKeys) {
    LineSyntax quoted;
    quoted.quoted_keys = true;
    EXPECT_EQ(entry_of("\"john doe\"@a.example v", quoted).key, "\"john doe\"@a.example");
    EXPECT_EQ(entry_of("\"john doe\" v", quoted).key, "\"john doe\"");
    quoted.remove_quotes = true;
    EXPECT_EQ(entry_of("\"john doe\" v", quoted).key, "john doe");
    EXPECT_EQ(problem_of("\"john doe v", quoted), "E_NO_VALUE@11");
}

TEST(EntryLine, StripColons) {
    LineSyntax syntax;
    syntax.strip_colons = true;
    EXPECT_EQ(entry_of("postmaster: root@example.com", syntax).key, "postmaster");
    EXPECT_EQ(entry_of("postmaster: root@example.com").key, "postmaster:");
}

TEST(EntryLine, Problems) {
    EXPECT_EQ(problem_of("lonely"), "E_NO_VALUE@6");
    EXPECT_EQ(problem_of("key value$"), "E_DANGLING@9");
    EXPECT_EQ(problem_of("key$"), "E_DANGLING@3");
    EXPECT_EQ(problem_of(std::string_view("a\0b c", 5)), "E_NUL@1");
    std::string line(501, 'k');
    line.append(" v");
    EXPECT_EQ(problem_of(line), "E_TOO_LONG@0");
    EXPECT_EQ(problem_of(line.substr(1)), "none");
    line.assign("k ").append(4097, 'v');
    EXPECT_EQ(problem_of(line), "E_TOO_LONG@2");
}

TEST(EntryLine, WritesWhatItReads) {
    for (const std::string_view key :
         {"plain", "a b", "a$b", "!bang", "\"q r\"@x", "tab\there", "$"}) {
        const Entry back = entry_of(entry_line(key, "value of it"));
        EXPECT_EQ(back.key, key);
        EXPECT_EQ(back.value, "value of it");
    }
}

TEST(EntryLine, WithoutQuoting) {
    EXPECT_EQ(without_quoting("john$ doe@a.example"), "john doe@a.example");
    EXPECT_EQ(without_quoting("$$x$"), "$x$");
}

}  // namespace
}  // namespace sluice::store
