#include "cases/example_answers.h"

#include "base/file.h"
#include "cases/table.h"

namespace sluice::cases {

using mapping::Answer;
using mapping::Question;

namespace {

constexpr std::size_t largest_file = 16UL << 20U;

std::string text_of(const std::string& path) {
    return read_file(path, largest_file).value_or("");
}

/// "key value", the value up to the end of the line.
template <class Take>
void each_pair(const std::string& path, const Take& take) {
    const std::string text = text_of(path);
    for (const std::string_view raw : lines_of(text)) {
        const std::string_view line = trim(raw);
        if (line.empty()) continue;
        const auto end = line.find_first_of(" \t");
        const auto value = end == std::string_view::npos ? "" : trim(line.substr(end));
        take(line.substr(0, end), value);
    }
}

}  // namespace

void ExampleAnswers::load(const std::string& base) {
    each_pair(base + ".general", [&](auto key, auto value) { general_.emplace(key, value); });
    each_pair(base + ".domaindb", [&](auto key, auto value) {
        domain_templates_.emplace(key, value);
    });
    each_pair(base + ".localdomains", [&](auto key, auto) { local_domains_.emplace(key); });
    each_pair(base + ".seq", [&](auto key, auto value) {
        sequences_.emplace(key, parse_unsigned(value).value_or(0));
    });
}

Answer ExampleAnswers::ask(const Question& question) {
    switch (question.kind) {
        case Question::Kind::general_value: {
            const auto found = general_.find(question.subject);
            return found == general_.end() ? Answer::none() : Answer::literal(found->second);
        }
        case Question::Kind::sequence_number:
            return next_number(question.subject);
        case Question::Kind::call_out:
            return call_out(question);
        case Question::Kind::domain_template: {
            const auto found = domain_templates_.find(question.subject);
            return found == domain_templates_.end() ? Answer::none()
                                                    : Answer::literal(found->second);
        }
        case Question::Kind::is_local_domain:
            return local_domains_.contains(question.subject) ? Answer::literal("yes")
                                                             : Answer::none();
        default:
            return Answer::none();
    }
}

Answer ExampleAnswers::next_number(const std::string& name) {
    const auto found = sequences_.find(name);
    if (found == sequences_.end()) return Answer::none();
    return Answer::literal(std::to_string(++found->second));
}

Answer ExampleAnswers::call_out(const Question& question) const {
    if (question.subject != "test") return Answer::none();
    if (question.routine == "echo") return Answer::literal(question.argument);
    if (question.routine == "template") return Answer::template_text(question.argument);
    if (question.routine == "upper") return Answer::literal(to_upper(question.argument));
    return Answer::none();
}

}  // namespace sluice::cases
