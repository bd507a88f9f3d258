#include "config/filter_action.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::config {

namespace {

using Kind = FilterAction::Kind;

struct Statement {
    std::string_view word;
    Kind kind;
    bool has_text;
};

constexpr Statement statements[] = {
    {"keep", Kind::keep, false},
    {"discard", Kind::discard, false},
    {"jettison", Kind::discard, false},
    {"hold", Kind::hold, false},
    {"reject", Kind::reject, true},
    {"ereject", Kind::reject, true},
    {"addheader", Kind::add_header, true},
    {"addtag", Kind::add_tag, true},
    {"addconversiontag", Kind::add_conversion_tag, true},
};

/// Reads statements one token at a time.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool at_end() {
        skip_blanks();
        return rest_.empty();
    }
    bool take(char c) {
        skip_blanks();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view word() {
        skip_blanks();
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_alpha);
        const auto length = static_cast<std::size_t>(end - rest_.begin());
        const std::string_view found = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return found;
    }
    std::optional<std::string> quoted() {
        if (!take('"')) return std::nullopt;
        std::string text;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return text;
            }
            if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
            text += rest_[i];
        }
        return std::nullopt;
    }
    /// Up to the ';' that ends a statement which means nothing here.
    bool pass_over() {
        const std::size_t end = rest_.find(';');
        if (end == std::string_view::npos) return false;
        rest_.remove_prefix(end + 1);
        return true;
    }
    /// The statement is complete: a ';', or nothing more.
    bool end_statement() { return take(';') || at_end(); }

private:
    void skip_blanks() {
        while (!rest_.empty() && (is_blank(rest_.front()) || is_control(rest_.front())))
            rest_.remove_prefix(1);
    }
    std::string_view rest_;
};

std::optional<FilterAction> read_statement(Reader& reader) {
    if (reader.take('$')) {
        const std::string_view variable = reader.word();
        const bool known = variable == "M" || variable == "U";
        return known && reader.end_statement() ? std::optional(FilterAction{Kind::obey, {}})
                                               : std::nullopt;
    }
    const std::string_view word = reader.word();
    for (const Statement& statement : statements) {
        if (!equals_ignoring_case(word, statement.word)) continue;
        FilterAction action{statement.kind, {}};
        if (statement.has_text) {
            auto text = reader.quoted();
            if (!text) return std::nullopt;
            action.text = std::move(*text);
        }
        return reader.end_statement() ? std::optional(std::move(action)) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::optional<FilterActions> parse_filter_actions(std::string_view value) {
    constexpr std::string_view scheme = "data:,";
    value = trim(value);
    if (starts_with_ignoring_case(value, scheme)) value.remove_prefix(scheme.size());
    Reader reader(value);
    FilterActions actions;
    while (!reader.at_end()) {
        Reader before = reader;
        if (equals_ignoring_case(before.word(), "require")) {
            if (!before.pass_over()) return std::nullopt;
            reader = before;
            continue;
        }
        auto action = read_statement(reader);
        if (!action) return std::nullopt;
        actions.push_back(std::move(*action));
    }
    return actions.empty() ? std::nullopt : std::optional(std::move(actions));
}

}  // namespace sluice::config
