#include "rewrite/substitution.h"

#include "address/local_part.h"
#include "base/bytes.h"

namespace sluice::rewrite {

namespace {

// $U: the rest of the address. Quoted words with dots between them are one quoted string.
std::string local_part(const Subject& subject) {
    const std::string_view rest = subject.first.rest;
    if (rest.find('"') == std::string_view::npos) return std::string(rest);
    if (find_first_host(rest, subject.context.source.bang_over_percent)) return std::string(rest);
    return address::join_quoted_words(rest).value_or(std::string(rest));
}

// Where the subaddress begins: at the first separator outside quotation marks that has something
// before it. $0U and $1U together are always $U, so a quoted string is not cut.
std::size_t subaddress_start(std::string_view text, char separator) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (text[i] == separator && !quoted && i > 0) {
            return i;
        }
    }
    return text.size();
}

std::string escaped_for_filter(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '*':
                out += "\\2a";
                break;
            case '(':
                out += "\\28";
                break;
            case ')':
                out += "\\29";
                break;
            case '\\':
                out += "\\5c";
                break;
            case '\0':
                out += "\\00";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::optional<std::string> owned(std::optional<std::string_view> text) {
    if (!text) return std::nullopt;
    return std::string(*text);
}

// Inside $]...[ a number picks one character or part; what is not there is empty.
std::string picked_character(std::string_view text, std::optional<std::uint32_t> n) {
    if (!n) return std::string(text);
    return *n < text.size() ? std::string(1, text[*n]) : std::string();
}

std::string picked_part(std::string_view host, std::optional<std::uint32_t> n) {
    if (!n) return std::string(host);
    return std::string(field(host, *n, false).value_or(""));
}

}  // namespace

std::optional<TextMode> mode_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::lower_case:
            return TextMode::lower;
        case TokenKind::upper_case:
            return TextMode::upper;
        case TokenKind::keep_case:
            return TextMode::keep;
        case TokenKind::ldap_quoting:
            return TextMode::ldap;
        default:
            return std::nullopt;
    }
}

void append_in_mode(std::string& out, std::string_view text, TextMode mode) {
    switch (mode) {
        case TextMode::keep:
            out += text;
            break;
        case TextMode::lower:
            out += to_lower(text);
            break;
        case TextMode::upper:
            out += to_upper(text);
            break;
        case TextMode::ldap:
            out += escaped_for_filter(text);
            break;
    }
}

std::optional<std::string> substitute(const Token& token, const Subject& subject) {
    const Match& match = subject.match;
    const std::size_t n = token.number.value_or(0);
    switch (token.kind) {
        case TokenKind::text:
            return token.text;
        case TokenKind::local_part:
            return local_part(subject);
        case TokenKind::user: {
            std::string text = local_part(subject);
            return text.substr(0, subaddress_start(text, subject.options.subaddress_char));
        }
        case TokenKind::subaddress: {
            std::string text = local_part(subject);
            return text.substr(subaddress_start(text, subject.options.subaddress_char));
        }
        case TokenKind::matched:
            return std::string(drop_parts(match.matched, n));
        case TokenKind::unmatched:
            return std::string(drop_parts(match.unmatched, n));
        case TokenKind::literal:
            return std::string(match.literal);
        case TokenKind::unmatched_left:
            return owned(field(match.unmatched_fields, n, false));
        case TokenKind::unmatched_right:
            return owned(field(match.unmatched_fields, n, true));
        case TokenKind::matched_left:
            return owned(field(match.matched_fields, n, false));
        case TokenKind::matched_right:
            return owned(field(match.matched_fields, n, true));
        case TokenKind::unique:
            return subject.answers.unique_string();
        case TokenKind::whole_address:
            return picked_character(subject.address, token.number);
        case TokenKind::host_part:
            return picked_part(subject.first.host, token.number);
        default:
            return std::string();
    }
}

}  // namespace sluice::rewrite
