#include "config/conversions_lines.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::config {

using Problem = ConversionsClause::Problem;
using Kind = ConversionsLine::Kind;

namespace {

std::string_view take_physical_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

Kind kind_of(std::string_view text) {
    if (text.starts_with('!')) return Kind::comment;
    if (text.starts_with('<')) return Kind::include;
    return trim(text).empty() ? Kind::blank : Kind::clauses;
}

/// Takes the value of one clause: bare text up to the next semicolon, quoted text in between.
class ClauseReader {
public:
    explicit ClauseReader(std::string_view line) : line_(line) {}

    [[nodiscard]] bool at_end() const { return at_ >= line_.size(); }
    [[nodiscard]] bool semicolon_was_last() const { return semicolon_was_last_; }

    /// False for an empty clause.
    bool next(ConversionsClause& clause) {
        clause = {};
        while (!at_end() && is_blank(line_[at_])) ++at_;
        clause.offset = at_;
        const std::size_t begin = at_;
        std::size_t equals = std::string_view::npos;
        std::string value;
        std::size_t kept = 0;  // blanks behind this are not part of the value
        while (!at_end() && line_[at_] != ';') {
            const char c = line_[at_];
            if (equals == std::string_view::npos) {
                if (c == '=') equals = at_;
                ++at_;
            } else if (c == '"') {
                if (!take_quoted(value)) {
                    clause.problem = Problem::open_quote;
                    clause.offset = quote_at_;
                    return true;
                }
                kept = value.size();
            } else {
                ++at_;
                if (value.empty() && is_blank(c)) continue;
                value += c;
                if (!is_blank(c)) kept = value.size();
            }
        }
        const std::string_view whole = trim(line_.substr(begin, at_ - begin));
        semicolon_was_last_ = !at_end();
        if (!at_end()) ++at_;
        if (whole.empty()) return false;
        value.resize(kept);
        if (equals == std::string_view::npos) {
            clause.problem = Problem::no_equals;
            return true;
        }
        clause.name = to_upper(trim(line_.substr(begin, equals - begin)));
        clause.value = std::move(value);
        return true;
    }

private:
    bool take_quoted(std::string& value) {
        quote_at_ = at_++;
        while (!at_end() && line_[at_] != '"') {
            if (line_[at_] == '\\' && at_ + 1 < line_.size()) ++at_;
            value += line_[at_++];
        }
        if (at_end()) return false;
        ++at_;
        return true;
    }

    std::string_view line_;
    std::size_t at_ = 0;
    std::size_t quote_at_ = 0;
    bool semicolon_was_last_ = false;
};

}  // namespace

ConversionsLine::Place ConversionsLine::place_of(std::size_t offset) const {
    auto piece = std::upper_bound(
        pieces.begin(), pieces.end(), offset,
        [](std::size_t value, const Piece& one) { return value < one.offset; }
    );
    if (piece != pieces.begin()) --piece;
    return {piece->line, offset - piece->offset + 1, piece->physical};
}

void read_conversions_lines(
    std::string_view text, const std::function<void(const ConversionsLine&)>& use
) {
    std::size_t number = 0;
    while (!text.empty()) {
        ConversionsLine line;
        while (true) {
            std::string_view physical = take_physical_line(text);
            line.pieces.push_back({line.text.size(), ++number, physical});
            // A comment ends with its line.
            const bool joins =
                physical.ends_with('\\') && !(line.text.empty() && physical.starts_with('!'));
            if (joins) physical.remove_suffix(1);
            line.text += physical;
            if (!joins || text.empty()) break;
        }
        line.kind = kind_of(line.text);
        use(line);
    }
}

std::vector<ConversionsClause> split_clauses(std::string_view line, bool& ends_entry) {
    std::vector<ConversionsClause> clauses;
    ClauseReader reader(line);
    bool semicolon = false;
    while (!reader.at_end()) {
        ConversionsClause clause;
        const bool is_clause = reader.next(clause);
        if (is_clause || reader.semicolon_was_last()) semicolon = reader.semicolon_was_last();
        if (!is_clause) continue;
        clauses.push_back(std::move(clause));
        if (clauses.back().problem == Problem::open_quote) {
            semicolon = false;
            break;
        }
    }
    ends_entry = !semicolon;
    return clauses;
}

}  // namespace sluice::config
