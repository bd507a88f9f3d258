#include "lint/rule_text.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::lint {

using rewrite::Token;
using rewrite::TokenKind;

namespace {

bool is_separator(TokenKind kind) {
    return kind == TokenKind::percent_separator || kind == TokenKind::at_separator;
}

bool is_substitution(TokenKind kind) {
    return kind >= TokenKind::local_part && kind <= TokenKind::matched_right;
}

/// Host names that match only themselves.
bool is_exact(std::string_view pattern) {
    return !pattern.empty() && pattern.front() != '.' &&
           pattern.find_first_of("*$[") == std::string_view::npos;
}

std::string literal_sample(std::string_view pattern) {
    constexpr std::string_view address = "203.0.113.9";
    std::string_view inside = pattern.substr(1, pattern.size() - 2);
    if (inside.empty() || inside == "*.*.*.*") return '[' + std::string(address) + ']';
    if (inside.back() != '.') return std::string(pattern);
    std::string text(inside);
    auto numbers = split(inside.substr(0, inside.size() - 1), '.').size();
    while (numbers < 4) {
        text += numbers == 3 ? "9" : "9.";
        ++numbers;
    }
    return '[' + text + ']';
}

std::string host_sample(std::string_view pattern) {
    if (pattern == "$*" || pattern == "." || pattern == "$%" || pattern == "$!") {
        return "host.elsewhere.invalid";
    }
    if (pattern.size() >= 2 && pattern.front() == '[' && pattern.back() == ']') {
        return literal_sample(pattern);
    }
    std::string host = pattern.front() == '.' ? "host" + std::string(pattern) : std::string();
    if (!host.empty()) return host;
    for (const char c : pattern) {
        if (c == '*') {
            host += "part";
        } else {
            host += c;
        }
    }
    return host;
}

}  // namespace

TaggedPattern tagged(std::string_view pattern) {
    const auto bar = pattern.rfind('|');
    if (bar == std::string_view::npos) return {{}, pattern};
    return {pattern.substr(0, bar + 1), pattern.substr(bar + 1)};
}

std::optional<std::string> constant_argument(const rewrite::Template& templ, std::size_t index) {
    std::string text;
    for (std::size_t i = index + 1; i < templ.tokens.size(); ++i) {
        const Token& token = templ.tokens[i];
        if (is_separator(token.kind) || rewrite::takes_argument(token.kind)) break;
        if (rewrite::is_call_out(token.kind) || is_substitution(token.kind)) return std::nullopt;
        if (token.kind == TokenKind::text) text += token.text;
    }
    return text;
}

bool is_pure_test(const config::Configuration& configuration, const Token& call) {
    using mapping::Template;
    if (call.kind != TokenKind::mapping) return false;
    const mapping::Table* table = configuration.mappings.find(call.text);
    if (table == nullptr) return true;  // such a rule never applies
    const auto is_plain = [](const Template::Part& part) {
        switch (part.kind) {
            case Template::Kind::flag:
            case Template::Kind::control:
            case Template::Kind::if_flag:
            case Template::Kind::unless_flag:
            case Template::Kind::chance:
                return true;
            case Template::Kind::literal:
                return part.text.find_first_of("$%@") == std::string::npos;
            default:
                return false;
        }
    };
    const auto& entries = table->entries();
    return std::all_of(entries.begin(), entries.end(), [&](const mapping::Entry& entry) {
        const auto& parts = entry.result.parts();
        return std::all_of(parts.begin(), parts.end(), is_plain);
    });
}

LastPiece last_piece(const config::Configuration& configuration, const rewrite::Rule& rule) {
    LastPiece piece;
    if (rule.templ.error_only) return piece;
    const std::string_view pattern = tagged(rule.pattern).pattern;
    std::string separators;
    bool in_argument = false;
    bool computed = false;
    bool has_text = false;
    for (const Token& token : rule.templ.tokens) {
        if (rewrite::is_call_out(token.kind)) {
            if (is_pure_test(configuration, token)) continue;
            piece.kind = LastPiece::Kind::anything;
            return piece;
        }
        if (is_separator(token.kind)) {
            separators += token.kind == TokenKind::at_separator ? '@' : '%';
            piece.text.clear();
            in_argument = computed = has_text = false;
        } else if (rewrite::takes_argument(token.kind)) {
            in_argument = true;
        } else if (in_argument || separators.empty()) {
            continue;
        } else if (token.kind == TokenKind::text) {
            piece.text += token.text;
            has_text = true;
        } else if (token.kind == TokenKind::matched && is_exact(pattern)) {
            piece.text += pattern;
        } else if (is_substitution(token.kind)) {
            computed = true;
        }
    }
    if (separators.empty()) return piece;
    piece.repeats = rewrite::form_of(separators) == rewrite::Form::repeat;
    if (!computed) {
        piece.kind = LastPiece::Kind::constant;
    } else {
        piece.kind = has_text ? LastPiece::Kind::anything : LastPiece::Kind::computed;
    }
    return piece;
}

SourceLocation place_in_template(const rewrite::Rule& rule, std::size_t offset) {
    SourceLocation where = rule.where;
    const auto pattern = rule.line.find(rule.pattern);
    const std::size_t from = pattern == std::string::npos ? 0 : pattern + rule.pattern.size();
    const auto start = rule.line.find(rule.templ.text, from);
    if (start != std::string::npos) where.column = start + offset + 1;
    return where;
}

std::string sample_address(std::string_view pattern) {
    pattern = tagged(pattern).pattern;
    if (pattern.empty()) return {};
    const std::string host = host_sample(pattern);
    if (pattern == "$%") return "user%" + host;
    if (pattern == "$!") return host + "!user";
    return "user@" + host;
}

}  // namespace sluice::lint
