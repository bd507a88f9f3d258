#include <algorithm>

#include "config/mapping_file_lines.h"
#include "grammar/mapping_file.h"

namespace sluice::config {

namespace {

namespace peg = tao::pegtl;
namespace grammar = sluice::grammar::mapping_file;

// First pass: which kind of line, and where its columns begin.

struct RawColumn {
    const char* begin = nullptr;
    MappingColumn::Place place;
};

struct RawLine {
    MappingLine::Kind kind = MappingLine::Kind::bad;
    bool continued_to_end = false;
    RawColumn first;
    RawColumn second;
    RawColumn trailing;
};

template <class Rule>
struct LineAction : peg::nothing<Rule> {};

template <RawColumn RawLine::*Column>
struct TakesColumn {
    template <class Input>
    static void apply(const Input& in, RawLine& line) {
        const auto position = in.position();
        line.*Column = {in.begin(), {position.line, position.column}};
    }
};

template <MappingLine::Kind Kind>
struct IsKind {
    static void apply0(RawLine& line) { line.kind = Kind; }
};

template <>
struct LineAction<grammar::pattern> : TakesColumn<&RawLine::first> {};
template <>
struct LineAction<grammar::table_name> : TakesColumn<&RawLine::first> {};
template <>
struct LineAction<grammar::file_spec> : TakesColumn<&RawLine::first> {};
template <>
struct LineAction<grammar::template_> : TakesColumn<&RawLine::second> {};
template <>
struct LineAction<grammar::trailing> : TakesColumn<&RawLine::trailing> {};
template <>
struct LineAction<grammar::comment> : IsKind<MappingLine::Kind::comment> {};
template <>
struct LineAction<grammar::blank_line> : IsKind<MappingLine::Kind::blank> {};
template <>
struct LineAction<grammar::include_line> : IsKind<MappingLine::Kind::include> {};
template <>
struct LineAction<grammar::entry> : IsKind<MappingLine::Kind::entry> {};
template <>
struct LineAction<grammar::name_line> : IsKind<MappingLine::Kind::name> {};
template <>
struct LineAction<grammar::bad_line> : IsKind<MappingLine::Kind::bad> {};
template <>
struct LineAction<grammar::join_at_end> {
    static void apply0(RawLine& line) { line.continued_to_end = true; }
};

// Second pass, over one column: drops the joins and keeps book of where each stretch stands.

struct AppendsText {
    template <class Input>
    static void apply(const Input& in, MappingColumn& column) {
        const auto position = in.position();
        const MappingColumn::Place place{position.line, position.column};
        const auto expected = column.place_of(column.text.size());
        if (expected.line != place.line || expected.column != place.column) {
            column.pieces.push_back({column.text.size(), place});
        }
        column.text.append(in.begin(), in.end());
    }
};

template <class Rule>
struct ColumnAction : peg::nothing<Rule> {};
template <>
struct ColumnAction<grammar::run_of_plain> : AppendsText {};
template <>
struct ColumnAction<grammar::dollar> : AppendsText {};
template <>
struct ColumnAction<grammar::quoted_octet> : AppendsText {};
template <>
struct ColumnAction<grammar::kept_blank> : AppendsText {};

// The rule finds the end of the column as in the first pass. It has to see what stands behind: a
// backslash before a blank is data, one before the end of the file (`end`) is a join.
template <class Rule>
MappingColumn joined(const RawColumn& raw, const char* end) {
    MappingColumn column;
    if (raw.begin == nullptr) return column;
    peg::memory_input in(raw.begin, end, "", 0, raw.place.line, raw.place.column);
    peg::parse<Rule, ColumnAction>(in, column);
    return column;
}

std::string_view physical_line(std::string_view rest) {
    auto line = rest.substr(0, rest.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

MappingColumn::Place MappingColumn::place_of(std::size_t offset) const {
    if (pieces.empty()) return {};
    auto piece = std::upper_bound(pieces.begin(), pieces.end(), offset, [](auto value, auto& p) {
        return value < p.offset;
    });
    --piece;
    return {piece->place.line, piece->place.column + (offset - piece->offset)};
}

void parse_mapping_lines(
    std::string_view text, const std::function<void(const MappingLine&)>& use
) {
    peg::memory_input in(text.data(), text.data() + text.size(), "");
    while (!in.empty()) {
        MappingLine line;
        line.number = in.position().line;
        line.physical = physical_line({in.current(), in.size()});
        RawLine raw;
        if (!peg::parse<grammar::line, LineAction>(in, raw))
            return;  // not reached: every line matches
        line.kind = raw.kind;
        line.continued_to_end = raw.continued_to_end;
        const char* end = text.data() + text.size();
        if (raw.kind == MappingLine::Kind::entry) {
            line.first = joined<grammar::pattern>(raw.first, end);
            line.second = joined<grammar::template_>(raw.second, end);
            line.trailing = joined<grammar::trailing>(raw.trailing, end);
        } else {
            line.first = joined<grammar::text>(raw.first, end);
        }
        use(line);
    }
}

}  // namespace sluice::config
