#include "rewrite/template.h"

#include <algorithm>

namespace sluice::rewrite {

namespace {

bool is_condition(TokenKind kind) {
    return kind >= TokenKind::envelope && kind <= TokenKind::domain_is_not_local;
}

bool is_field(TokenKind kind) {
    return kind >= TokenKind::unmatched_left && kind <= TokenKind::matched_right;
}

bool is_separator(TokenKind kind) {
    return kind == TokenKind::percent_separator || kind == TokenKind::at_separator;
}

bool is_case_switch(TokenKind kind) {
    return kind >= TokenKind::lower_case && kind <= TokenKind::ldap_quoting;
}

bool makes_text(TokenKind kind) {
    return kind < TokenKind::general_database && !is_separator(kind) && !is_case_switch(kind);
}

bool has(const Template& parsed, bool (*test)(TokenKind)) {
    return std::any_of(parsed.tokens.begin(), parsed.tokens.end(), [test](const Token& token) {
        return test(token.kind);
    });
}

std::string separators_of(const Template& parsed) {
    std::string out;
    for (const auto& token : parsed.tokens) {
        if (is_separator(token.kind)) out += token.kind == TokenKind::at_separator ? '@' : '%';
    }
    return out;
}

// The first separator that makes the template unlike every form.
std::size_t offending_offset(const Template& parsed) {
    std::string so_far;
    for (const auto& token : parsed.tokens) {
        if (!is_separator(token.kind)) continue;
        so_far += token.kind == TokenKind::at_separator ? '@' : '%';
        if (form_of(so_far) == Form::none) return token.begin;
    }
    return 0;
}

}  // namespace

bool is_call_out(TokenKind kind) {
    return kind >= TokenKind::general_database && kind <= TokenKind::ldap;
}

bool takes_argument(TokenKind kind) {
    switch (kind) {
        case TokenKind::source_is:
        case TokenKind::source_is_not:
        case TokenKind::destination_is:
        case TokenKind::destination_is_not:
        case TokenKind::domain_is_local:
        case TokenKind::domain_is_not_local:
        case TokenKind::set_tag:
        case TokenKind::set_error:
            return true;
        default:
            return false;
    }
}

Form form_of(std::string_view separators) {
    if (separators == "%") return Form::repeat;
    if (separators == "@") return Form::route_is_host;
    if (separators == "%@") return Form::host_and_route;
    if (separators == "@@" || separators == "@@@" || separators == "%@@") {
        return Form::with_source_route;
    }
    return Form::none;
}

std::optional<TemplateProblem> check_form(const Template& parsed) {
    if (parsed.error_only || has(parsed, is_call_out)) return std::nullopt;
    const std::string separators = separators_of(parsed);
    if (form_of(separators) != Form::none) return std::nullopt;
    const std::string found = separators.empty() ? "no separator" : "the separators " + separators;
    return TemplateProblem{
        "E202", offending_offset(parsed), "template has none of the possible forms: " + found,
        "A%B@C, A@B, A%B, A@B@C and A@B@C@D are; $% and $@ are the characters themselves"};
}

std::optional<ConstantRoutingSystem> constant_routing_system(const Template& parsed) {
    const auto spoils = [](TokenKind kind) {
        return is_call_out(kind) || kind == TokenKind::set_error ||
               kind == TokenKind::check_channels;
    };
    const Form form = form_of(separators_of(parsed));
    if (form == Form::repeat || form == Form::none || has(parsed, spoils)) return std::nullopt;

    ConstantRoutingSystem last;
    bool constant = false;
    bool in_argument = false;
    for (const auto& token : parsed.tokens) {
        if (is_separator(token.kind)) {
            last = {{}, token.end};
            constant = true;
            in_argument = false;
        } else if (takes_argument(token.kind)) {
            in_argument = true;
        } else if (!in_argument && makes_text(token.kind)) {
            constant = constant && token.kind == TokenKind::text;
            if (last.name.empty()) last.offset = token.begin;
            last.name += token.text;
        } else if (token.kind == TokenKind::reprocessing || token.kind == TokenKind::not_reprocessing) {
            in_argument = false;
        }
    }
    if (!constant) return std::nullopt;
    return last;
}

bool can_fail(const Template& parsed) {
    if (parsed.error_only) return false;
    return has(parsed, [](TokenKind kind) {
        return is_condition(kind) || is_call_out(kind) || is_field(kind);
    });
}

}  // namespace sluice::rewrite
