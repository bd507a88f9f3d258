#include "conversion/value.h"

#include <algorithm>

namespace sluice::conversion {

namespace {

using Kind = TableAnswer::Kind;

bool is_table_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_alnum(c) || c == '_' || c == '-' || c == '.';
    });
}

/// What stands between two apostrophes, with one level of quoting taken off; `length` covers both.
struct Quotation {
    std::string body;
    std::size_t length = 0;  ///< 0: there is no end
};

Quotation quotation_at(std::string_view text, std::size_t begin) {
    Quotation found;
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (text[i] == '\'') {
            found.length = i + 1 - begin;
            return found;
        }
        const bool quoted =
            text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '\'' || text[i + 1] == '\\');
        found.body += text[quoted ? ++i : i];
    }
    return found;
}

class Expander {
public:
    Expander(const SymbolTable& symbols, const AskTable& ask_table)
        : symbols_(symbols), ask_table_(ask_table) {}

    std::string expand(std::string_view text, unsigned depth) {
        std::string out;
        for (std::size_t i = 0; i < text.size();) {
            if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\'') {
                out += '\'';
                i += 2;
                continue;
            }
            const std::size_t taken = text[i] == '\'' ? replace(text, i, depth, out) : 0;
            if (taken == 0) out += text[i];
            i += std::max<std::size_t>(taken, 1);
        }
        return out;
    }
    [[nodiscard]] Kind worst() const { return worst_; }

private:
    /// Octets of `text` that were replaced.
    std::size_t replace(
        std::string_view text, std::size_t begin, unsigned depth, std::string& out
    ) {
        const Quotation found = quotation_at(text, begin);
        if (found.length == 0) return 0;
        if (is_symbol_name(found.body)) {
            const auto symbol = symbols_.find(found.body);
            if (symbol != symbols_.end()) out += symbol->second;
            return found.length;
        }
        const std::size_t colon = found.body.find(':');
        if (colon == std::string::npos || !is_table_name(found.body.substr(0, colon)) ||
            depth >= max_value_nesting)
            return 0;
        const TableAnswer answer = ask_table_(
            found.body.substr(0, colon),
            expand(std::string_view(found.body).substr(colon + 1), depth + 1)
        );
        if (answer.kind == Kind::not_now || worst_ == Kind::value) worst_ = answer.kind;
        if (answer.kind == Kind::value) out += answer.text;
        return found.length;
    }

    const SymbolTable& symbols_;
    const AskTable& ask_table_;
    Kind worst_ = Kind::value;
};

}  // namespace

Expanded expand_value(
    std::string_view value, const SymbolTable& symbols, const AskTable& ask_table
) {
    Expander expander(symbols, ask_table);
    Expanded result;
    result.text = expander.expand(value, 0);
    result.kind = expander.worst();
    if (result.kind != Kind::value) result.text.clear();
    return result;
}

std::string shell_text(std::string_view command, const SymbolTable& symbols) {
    std::string out;
    bool in_double_quotes = false;
    for (std::size_t i = 0; i < command.size(); ++i) {
        if (command[i] == '\\' && i + 1 < command.size()) {
            out += command[i];
            out += command[++i];
            continue;
        }
        if (command[i] == '"') in_double_quotes = !in_double_quotes;
        if (command[i] != '\'') {
            out += command[i];
            continue;
        }
        const std::size_t end = command.find('\'', i + 1);
        if (end == std::string_view::npos) {
            out += command.substr(i);
            break;
        }
        const auto symbol = symbols.find(command.substr(i + 1, end - i - 1));
        if (symbol != symbols.end()) {
            out += (in_double_quotes ? "${" : "\"${") + symbol->first +
                   (in_double_quotes ? "}" : "}\"");
            i = end;
        } else if (in_double_quotes) {
            out += '\'';  // an apostrophe means nothing to the shell here
        } else {
            out += command.substr(i, end + 1 - i);
            i = end;
        }
    }
    return out;
}

bool is_symbol_name(std::string_view name) {
    return !name.empty() && (is_alpha(name.front()) || name.front() == '_') &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '_'; });
}

}  // namespace sluice::conversion
