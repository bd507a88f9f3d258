#include "config/imta_cnf_parser.h"

#include <cassert>

#include "grammar/imta_cnf.h"

namespace sluice::config {

namespace {

namespace pegtl = tao::pegtl;
namespace grammar = sluice::grammar::imta_cnf;
using Input = pegtl::memory_input<pegtl::tracking_mode::eager, pegtl::eol::lf>;

template <class ActionInput>
std::string_view view_of(const ActionInput& in) {
    return {in.begin(), in.size()};
}

template <class Rule>
struct LineAction : pegtl::nothing<Rule> {};

template <LineKind kind>
struct SetKind {
    static void apply0(PhysicalLine& line) { line.kind = kind; }
};
struct SetText {
    template <class ActionInput>
    static void apply(const ActionInput& in, PhysicalLine& line) {
        line.text = view_of(in);
    }
};

template <>
struct LineAction<grammar::blank_line> : SetKind<LineKind::blank> {};
template <>
struct LineAction<grammar::comment_line> : SetKind<LineKind::comment> {};
template <>
struct LineAction<grammar::include_line> : SetKind<LineKind::include> {};
template <>
struct LineAction<grammar::include_name> : SetText {};
template <>
struct LineAction<grammar::continued_line> : SetKind<LineKind::continued> {};
template <>
struct LineAction<grammar::continued_text> : SetText {};
template <>
struct LineAction<grammar::text_line> : SetKind<LineKind::text> {};
template <>
struct LineAction<grammar::rest_of_line> : SetText {};

template <class Rule>
struct RuleAction : pegtl::nothing<Rule> {};
template <>
struct RuleAction<grammar::pattern> {
    template <class ActionInput>
    static void apply(const ActionInput& in, RuleParts& rule) {
        rule.pattern = view_of(in);
    }
};
template <>
struct RuleAction<grammar::template_> {
    template <class ActionInput>
    static void apply(const ActionInput& in, RuleParts& rule) {
        rule.template_text = view_of(in);
    }
};

template <class Rule>
struct WordAction : pegtl::nothing<Rule> {};
template <>
struct WordAction<grammar::quoted_text> {
    template <class ActionInput>
    static void apply(const ActionInput& in, std::vector<Word>& words) {
        // The column is that of the quotation mark.
        words.push_back({view_of(in), in.position().column - 1, true, true});
    }
};
template <>
struct WordAction<grammar::missing_quote> {
    static void apply0(std::vector<Word>& words) { words.back().closed = false; }
};
template <>
struct WordAction<grammar::plain_word> {
    template <class ActionInput>
    static void apply(const ActionInput& in, std::vector<Word>& words) {
        words.push_back({view_of(in), in.position().column, false, true});
    }
};

template <class Rule, template <class> class Action, class State>
void parse(std::string_view line, State& state) {
    Input input(line.data(), line.data() + line.size(), "");
    [[maybe_unused]] const bool matched = pegtl::parse<Rule, Action>(input, state);
    assert(matched);
}

template <class Rule>
PhysicalLine parse_line(std::string_view line) {
    PhysicalLine result;
    parse<Rule, LineAction>(line, result);
    if (!result.text.empty()) {
        result.column = static_cast<std::size_t>(result.text.data() - line.data()) + 1;
    }
    return result;
}

}  // namespace

PhysicalLine parse_physical_line(std::string_view line) {
    return parse_line<grammar::physical_line>(line);
}

PhysicalLine parse_continuing_line(std::string_view line) {
    return parse_line<grammar::continuing_line>(line);
}

RuleParts parse_rule_line(std::string_view line) {
    RuleParts rule;
    parse<grammar::rule_line, RuleAction>(line, rule);
    return rule;
}

std::vector<Word> parse_block_line(std::string_view line) {
    std::vector<Word> words;
    parse<grammar::block_line, WordAction>(line, words);
    return words;
}

}  // namespace sluice::config
