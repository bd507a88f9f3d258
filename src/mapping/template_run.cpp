#include "mapping/template_run.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "base/bytes.h"
#include "mapping/limits.h"
#include "mapping/number_format.h"

namespace sluice::mapping {

namespace {

using Kind = Template::Kind;

/// RFC 4515 section 3: these octets stand as a backslash and two hexadecimal digits.
std::string quoted_for_filter(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string quoted;
    for (const char c : text) {
        if (c != '*' && c != '(' && c != ')' && c != '\\' && c != '\0') {
            quoted += c;
            continue;
        }
        const auto value = static_cast<unsigned char>(c);
        quoted += {'\\', digits[value >> 4U], digits[value & 15U]};
    }
    return quoted;
}

/// Cuts `text` behind its first `separator`; the second half is empty if there is none.
std::pair<std::string_view, std::string_view> cut(
    std::string_view text, std::string_view separators
) {
    const auto at = text.find_first_of(separators);
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

Question call_out_question(std::string_view argument) {
    const auto [image, rest] = cut(argument, ",");
    const auto [routine, routine_argument] = cut(rest, ",");
    return {
        Question::Kind::call_out, std::string(image), std::string(routine),
        std::string(routine_argument)};
}

Question domain_question(std::string_view argument) {
    const auto [domain, attribute] = cut(argument, ",");
    return {Question::Kind::domain_attribute, std::string(domain), {}, std::string(attribute)};
}

std::optional<double> parse_decimal(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] =
        std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (error != std::errc() || stopped != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

/// What a part does besides adding text, in words.
std::string note_of(
    const Template::Part& part, const std::string& asked, const std::string& failure
) {
    std::string note;
    switch (part.kind) {
        case Kind::flag:
            note = std::string("sets flag ") + part.letter;
            break;
        case Kind::control:
            note = std::string(
                part.control == Control::end    ? "ends the mapping"
                : part.control == Control::next ? "on with the next entry"
                : part.control == Control::loop ? "on, and one more pass"
                                                : "restart at the first entry"
            );
            if (part.stop) note += ", the rest of the template is not read";
            break;
        case Kind::fallback:
            note = "kept for a directory that does not answer: \"" + asked + '"';
            break;
        default:
            if (!part.argument.empty()) note = "asked \"" + asked + '"';
    }
    if (failure.empty()) return note;
    return note.empty() ? failure : note + ": " + failure;
}

}  // namespace

void TextBuilder::add_literal(std::string_view text) {
    switch (case_) {
        case Case::as_is:
            text_ += text;
            break;
        case Case::lower:
            text_ += to_lower(text);
            break;
        case Case::upper:
            text_ += to_upper(text);
            break;
    }
}

void TextBuilder::add_substituted(std::string_view text) {
    if (quote_) {
        add_literal(quoted_for_filter(text));
    } else {
        add_literal(text);
    }
}

bool TextBuilder::is_too_long() const {
    return text_.size() > limits::output;
}

TemplateRun::Result TemplateRun::run(const Template& result) {
    TextBuilder out;
    const Step ended =
        surroundings_.is_traced() ? run_traced(result, out) : run_parts(result.parts(), out, {});
    switch (ended) {
        case Step::failed:
            return Result::failed;
        case Step::pending:
            return Result::pending;
        case Step::fallback:
            output_ = std::move(*fallback_);
            return Result::done;
        case Step::go_on:
        case Step::stop:
            break;
    }
    output_ = out.text();
    return Result::done;
}

/// As run_parts(), and writes down what each part did.
TemplateRun::Step TemplateRun::run_traced(const Template& result, TextBuilder& out) {
    const Parts& parts = result.parts();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t before = out.text().size();
        const std::size_t end = i + 1 < parts.size() ? parts[i + 1].source : result.text().size();
        asked_.clear();
        why_.clear();
        Step step = run_part(parts[i], out, {});
        if (step == Step::go_on && out.is_too_long()) step = fail("the output is too long");
        TracePart part;
        part.source = result.text().substr(parts[i].source, end - parts[i].source);
        part.text = out.text().substr(before);
        part.note = note_of(parts[i], asked_, why_);
        trace_.push_back(std::move(part));
        if (step != Step::go_on) return step;
    }
    return Step::go_on;
}

TemplateRun::Step TemplateRun::run_parts(const Parts& parts, TextBuilder& out, Place place) {
    for (const Part& part : parts) {
        Step step = run_part(part, out, place);
        if (step == Step::go_on && out.is_too_long()) step = fail("the output is too long");
        if (step != Step::go_on) return step;
    }
    return Step::go_on;
}

TemplateRun::Step TemplateRun::run_part(const Part& part, TextBuilder& out, Place place) {
    switch (part.kind) {
        case Kind::literal:
            out.add_literal(part.text);
            return Step::go_on;
        case Kind::field:
            out.add_substituted(fields_.field(part.number));
            return Step::go_on;
        case Kind::lower:
            out.set_case(TextBuilder::Case::lower);
            return Step::go_on;
        case Kind::upper:
            out.set_case(TextBuilder::Case::upper);
            return Step::go_on;
        case Kind::as_is:
            out.set_case(TextBuilder::Case::as_is);
            return Step::go_on;
        case Kind::quote_filter:
            out.quote_for_filter();
            return Step::go_on;
        case Kind::if_flag:
            if (surroundings_.has_input_flag(part.letter)) return Step::go_on;
            return fail(std::string("input flag ") + part.letter + " is not set");
        case Kind::unless_flag:
            if (!surroundings_.has_input_flag(part.letter)) return Step::go_on;
            return fail(std::string("input flag ") + part.letter + " is set");
        case Kind::flag:
        case Kind::control:
            return run_effect(part, place);
        default:
            return run_bracket(part, out, place);
    }
}

/// Flags and control sequences; inside an argument they have no effect.
TemplateRun::Step TemplateRun::run_effect(const Part& part, Place place) {
    if (place.in_argument) return Step::go_on;
    if (part.kind == Kind::flag) {
        flags_.set(part.letter);
        return Step::go_on;
    }
    control_ = part.control;
    return part.stop ? Step::stop : Step::go_on;
}

TemplateRun::Step TemplateRun::run_bracket(const Part& part, TextBuilder& out, Place place) {
    TextBuilder builder;
    const Step step = run_parts(part.argument, builder, {true, place.value_depth});
    if (step != Step::go_on) return step;
    const std::string& argument = builder.text();
    if (surroundings_.is_traced() && !place.in_argument) asked_ = argument;
    using Asked = Question::Kind;
    switch (part.kind) {
        case Kind::general: {
            Answer answer = surroundings_.ask({Asked::general_value, argument, {}, {}});
            answer.is_template = true;
            return insert_template(answer, out, place);
        }
        case Kind::call_out:
            return insert_template(surroundings_.ask(call_out_question(argument)), out, place);
        case Kind::table: {
            const auto [table, input] = cut(argument, ";,");
            return insert(surroundings_.call_table(table, input), out);
        }
        case Kind::directory:
            return insert_from_directory(
                surroundings_.ask({Asked::directory, argument, {}, {}}), out
            );
        case Kind::domain:
            return insert_from_directory(surroundings_.ask(domain_question(argument)), out);
        case Kind::sequence:
            return insert_sequence_number(argument, out);
        case Kind::chance:
            return take_chance(argument);
        case Kind::fallback:
            fallback_ = argument;
            return Step::go_on;
        default:
            return fail("the part is not known");
    }
}

TemplateRun::Step TemplateRun::insert(const Answer& answer, TextBuilder& out) {
    switch (answer.kind) {
        case Answer::Kind::found:
            out.add_substituted(answer.text);
            return Step::go_on;
        case Answer::Kind::pending:
            return Step::pending;
        case Answer::Kind::temporary_failure:
            return fail("temporary failure");
        case Answer::Kind::not_found:
            break;
    }
    return fail("nothing found");
}

TemplateRun::Step TemplateRun::insert_template(
    const Answer& answer, TextBuilder& out, Place place
) {
    if (answer.kind != Answer::Kind::found || !answer.is_template) return insert(answer, out);
    if (++place.value_depth > limits::nesting) return fail("values are nested too deeply");
    SyntaxFindings findings;
    const auto value = Template::parse(answer.text, findings);
    if (!value) return fail("the value is no template: " + findings.front().text);
    return run_parts(value->parts(), out, place);
}

TemplateRun::Step TemplateRun::insert_from_directory(const Answer& answer, TextBuilder& out) {
    if (answer.kind == Answer::Kind::temporary_failure && fallback_) return Step::fallback;
    return insert(answer, out);
}

TemplateRun::Step TemplateRun::insert_sequence_number(std::string_view argument, TextBuilder& out) {
    const auto format = parse_number_format(argument);
    if (!format) return fail("radix, width or modulus is not valid");
    Answer answer =
        surroundings_.ask({Question::Kind::sequence_number, std::string(format->file), {}, {}});
    if (answer.kind == Answer::Kind::found) {
        const auto number = parse_unsigned(answer.text);
        if (!number) return fail("the sequence file holds no number");
        answer.text = formatted(*number, *format);
    }
    return insert(answer, out);
}

TemplateRun::Step TemplateRun::take_chance(std::string_view argument) {
    const auto percentage = parse_decimal(argument);
    if (!percentage) return fail("the percentage is no number");
    if (*percentage >= 100) return Step::go_on;
    if (*percentage <= 0) return fail("the chance is nil");
    const Answer answer = surroundings_.ask({Question::Kind::chance, {}, {}, {}});
    if (answer.kind == Answer::Kind::pending) return Step::pending;
    const auto drawn = parse_decimal(answer.text);
    if (drawn && *drawn < *percentage) return Step::go_on;
    return fail("the chance was missed");
}

TemplateRun::Step TemplateRun::fail(std::string_view reason) {
    if (surroundings_.is_traced()) why_ = reason;
    return Step::failed;
}

}  // namespace sluice::mapping
