#include <array>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "grammar/rewrite_template.h"
#include "rewrite/template.h"

namespace sluice::rewrite {

namespace {

namespace g = grammar::rewrite_template;

// Which numbers may stand between `$` and a mark.
constexpr int no_number = -1;
constexpr int any_number = -2;

struct SequenceRow {
    char mark;
    int number;
    TokenKind kind;
};

// The whole repertoire of sequences that are one mark.
constexpr std::array sequence_rows{
    SequenceRow{'U', no_number, TokenKind::local_part},
    SequenceRow{'U', 0, TokenKind::user},
    SequenceRow{'U', 1, TokenKind::subaddress},
    SequenceRow{'D', any_number, TokenKind::matched},
    SequenceRow{'H', any_number, TokenKind::unmatched},
    SequenceRow{'L', no_number, TokenKind::literal},
    SequenceRow{'W', no_number, TokenKind::unique},
    SequenceRow{'&', any_number, TokenKind::unmatched_left},
    SequenceRow{'!', any_number, TokenKind::unmatched_right},
    SequenceRow{'*', any_number, TokenKind::matched_left},
    SequenceRow{'#', any_number, TokenKind::matched_right},
    SequenceRow{'\\', no_number, TokenKind::lower_case},
    SequenceRow{'^', no_number, TokenKind::upper_case},
    SequenceRow{'_', no_number, TokenKind::keep_case},
    SequenceRow{'=', no_number, TokenKind::ldap_quoting},
    SequenceRow{'E', no_number, TokenKind::envelope},
    SequenceRow{'B', no_number, TokenKind::header},
    SequenceRow{'F', no_number, TokenKind::forward},
    SequenceRow{'R', no_number, TokenKind::backward},
    SequenceRow{'A', any_number, TokenKind::at_position},
    SequenceRow{'P', no_number, TokenKind::percent_position},
    SequenceRow{'S', no_number, TokenKind::route_position},
    SequenceRow{'X', any_number, TokenKind::bang_position},
    SequenceRow{'M', no_number, TokenKind::source_is},
    SequenceRow{'M', 1, TokenKind::reprocessing},
    SequenceRow{'N', no_number, TokenKind::source_is_not},
    SequenceRow{'N', 1, TokenKind::not_reprocessing},
    SequenceRow{'Q', no_number, TokenKind::destination_is},
    SequenceRow{'C', no_number, TokenKind::destination_is_not},
    SequenceRow{'V', no_number, TokenKind::domain_is_local},
    SequenceRow{'Z', no_number, TokenKind::domain_is_not_local},
    SequenceRow{'T', no_number, TokenKind::set_tag},
    SequenceRow{'?', any_number, TokenKind::set_error},
    SequenceRow{'~', 1, TokenKind::check_channels},
};

std::optional<TokenKind> find_sequence(char mark, std::optional<std::uint32_t> number) {
    for (const auto& row : sequence_rows) {
        if (row.mark != ascii_upper(mark)) continue;
        if (row.number == any_number) return row.kind;
        if (row.number == (number ? static_cast<int>(*number) : no_number)) return row.kind;
    }
    return std::nullopt;
}

// A reported status must be a failure: class 4 or 5, three digits each (RFC 3463 section 2).
bool is_failure_status(std::uint32_t number) {
    const std::uint32_t status_class = number / 1000000;
    return status_class == 4 || status_class == 5;
}

class Reader {
public:
    explicit Reader(std::string_view text) : base_(text.data()) { result_.value.text = text; }

    void begin_sequence(const char* at) { begin_ = offset(at); }
    void end_sequence(const char* at) {
        if (!result_.value.tokens.empty()) result_.value.tokens.back().end = offset(at);
    }
    void set_number(std::string_view digits) {
        number_.reset();
        if (digits.empty()) return;
        const auto value = parse_unsigned(digits);
        if (value && *value <= std::numeric_limits<std::int32_t>::max()) {
            number_ = static_cast<std::uint32_t>(*value);
        } else {
            problem("E203", "number too large in a $ sequence", {});
        }
    }
    void add_mark(char mark) {
        const auto kind = find_sequence(mark, number_);
        if (!kind) {
            const std::string digits = number_ ? std::to_string(*number_) : std::string();
            problem("E203", "unknown sequence $" + digits + mark, "$$ stands for a dollar sign");
        } else if (*kind == TokenKind::set_error && number_ && !is_failure_status(*number_)) {
            problem("E203", "the number of $? is no failure status", "5.1.2 is written $5001002?");
        } else {
            add({*kind, number_, {}, {}, {}, begin_, begin_});
        }
    }
    // Marks that take no number in front, whatever number was read before.
    void add_unnumbered(char mark) {
        number_.reset();
        add_mark(mark);
    }
    void add_url_mark(char mark) {
        const bool address = ascii_upper(mark) == 'A';
        add(
            {address ? TokenKind::whole_address : TokenKind::host_part,
             number_,
             {},
             {},
             {},
             begin_,
             begin_}
        );
    }
    void set_field(char digit) {
        if (Token* token = last()) token->number = static_cast<std::uint32_t>(digit - '0');
    }
    void add_text(std::string_view text, const char* begin) {
        const std::size_t start = offset(begin);
        add({TokenKind::text, {}, std::string(text), {}, {}, start, start + text.size()});
    }
    void add_literal(char mark) {
        add({TokenKind::text, {}, std::string(1, mark), {}, {}, begin_, begin_});
    }
    void add_separator(TokenKind kind, const char* at) {
        add({kind, {}, {}, {}, {}, offset(at), offset(at) + 1});
    }
    void open(TokenKind kind) {
        add({kind, {}, {}, {}, {}, begin_, begin_});
        in_body_ = true;
    }
    void close() { in_body_ = false; }
    void set_name(std::string_view name) { outer().text = name; }
    void set_second_name(std::string_view name) { outer().routine = name; }
    void set_fallback(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '.') ++i;
            outer().text += text[i];
        }
    }
    void set_error_only() {
        result_.value.error_only = true;
        add_mark('?');
    }
    void unknown(std::string_view text) {
        if (text.empty() || is_digit(text.back())) {
            problem("E203", "$ without a sequence at its end", "$$ stands for a dollar sign");
        } else {
            problem(
                "E203", "unknown sequence $" + std::string(text), "$$ stands for a dollar sign"
            );
        }
    }
    void unclosed() {
        begin_ = outer().begin;
        problem("E204", "call-out without its closing bracket", {});
    }
    void missing_comma() {
        begin_ = outer().begin;
        problem("E203", "call-out without the comma after its name", "write ${TABLE,text}");
    }
    ParsedTemplate take() { return std::move(result_); }

private:
    std::size_t offset(const char* at) const { return static_cast<std::size_t>(at - base_); }
    Token& outer() { return result_.value.tokens.back(); }
    std::vector<Token>& target() { return in_body_ ? outer().body : result_.value.tokens; }
    Token* last() { return target().empty() ? nullptr : &target().back(); }
    void add(Token token) { target().push_back(std::move(token)); }
    void problem(std::string code, std::string text, std::string hint) {
        if (result_.problem) return;
        result_.problem = {std::move(code), begin_, std::move(text), std::move(hint)};
    }

    const char* base_;
    std::size_t begin_ = 0;
    std::optional<std::uint32_t> number_;
    bool in_body_ = false;
    ParsedTemplate result_;
};

// clang-format off
template <class Rule> struct Action {};

// One action a rule; `Name` is bound to the input that matched, `reader` to the state.
#define SLUICE_ON(Rule, statement) \
    template <> struct Action<g::Rule> { \
        template <class Input> static void apply([[maybe_unused]] const Input& in, Reader& reader) { statement; } }
#define SLUICE_ON_ANY(Rule, statement) \
    template <char C> struct Action<g::Rule<C>> { \
        template <class Input> static void apply([[maybe_unused]] const Input& in, Reader& reader) { statement; } }

SLUICE_ON(dollar, reader.begin_sequence(in.begin()));
SLUICE_ON(sequence, reader.end_sequence(in.end()));
SLUICE_ON(number, reader.set_number(in.string_view()));
SLUICE_ON(literal_mark, reader.add_literal(in.peek_char()));
SLUICE_ON(field_mark, reader.add_unnumbered(in.peek_char()));
SLUICE_ON(field_digit, reader.set_field(in.peek_char()));
SLUICE_ON(case_mark, reader.add_unnumbered(in.peek_char()));
SLUICE_ON(substitution_mark, reader.add_mark(in.peek_char()));
SLUICE_ON(condition_mark, reader.add_mark(in.peek_char()));
SLUICE_ON(effect_mark, reader.add_mark(in.peek_char()));
SLUICE_ON(url_mark, reader.add_url_mark(in.peek_char()));
SLUICE_ON(unknown_mark, reader.unknown(in.string_view()));
SLUICE_ON(unclosed, reader.unclosed());
SLUICE_ON(missing_comma, reader.missing_comma());
SLUICE_ON(general_open, reader.open(TokenKind::general_database));
SLUICE_ON(mapping_open, reader.open(TokenKind::mapping));
SLUICE_ON(routine_open, reader.open(TokenKind::site_routine));
SLUICE_ON(ldap_open, reader.open(TokenKind::ldap));
SLUICE_ON(fallback_open, reader.open(TokenKind::set_ldap_fallback));
SLUICE_ON(fallback_text, reader.set_fallback(in.string_view()));
SLUICE_ON(percent_separator, reader.add_separator(TokenKind::percent_separator, in.begin()));
SLUICE_ON(at_separator, reader.add_separator(TokenKind::at_separator, in.begin()));
SLUICE_ON(text, reader.add_text(in.string_view(), in.begin()));
SLUICE_ON(rest_of_line, reader.add_text(in.string_view(), in.begin()));
SLUICE_ON(error_start, reader.set_error_only(); reader.end_sequence(in.end()));
SLUICE_ON_ANY(closing_mark, reader.add_literal(in.peek_char()));
SLUICE_ON_ANY(body_text, reader.add_text(in.string_view(), in.begin()));
SLUICE_ON_ANY(call_name, reader.set_name(in.string_view()));
SLUICE_ON_ANY(second_name, reader.set_second_name(in.string_view()));
SLUICE_ON_ANY(closing, reader.close());

#undef SLUICE_ON
#undef SLUICE_ON_ANY
// clang-format on

}  // namespace

ParsedTemplate parse_template(std::string_view text) {
    Reader reader(text);
    g::memory_input<g::tracking_mode::lazy> input(text.data(), text.size(), "");
    g::parse<g::template_, Action>(input, reader);
    return reader.take();
}

}  // namespace sluice::rewrite
