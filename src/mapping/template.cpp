#include "mapping/template.h"

#include <utility>

#include "base/bytes.h"
#include "mapping/limits.h"

namespace sluice::mapping {

namespace {

using Kind = Template::Kind;
using Part = Template::Part;
using Parts = std::vector<Part>;

/// A bracketed sequence: `$`, `opening`, argument, `closing`.
struct Bracket {
    char opening;
    char closing;
    Kind kind;
    const char* example;
};

constexpr Bracket brackets[] = {
    {'[', ']', Kind::call_out, "$[image,routine,argument]"},
    {']', '[', Kind::directory, "$]ldap-url["},
    {'{', '}', Kind::general, "${key}"},
    {'}', '{', Kind::domain, "$}domain,attribute{"},
    {'|', '|', Kind::table, "$|TABLE;argument|"},
    {'#', '#', Kind::sequence, "$#file|radix|width|m#"},
    {'?', '?', Kind::chance, "$?p?"},
    {'.', '.', Kind::fallback, "$.text."},
};

const Bracket* find_bracket(char opening) {
    for (const auto& bracket : brackets) {
        if (bracket.opening == opening) return &bracket;
    }
    return nullptr;
}

/// Sequences of one character that are neither flags nor brackets.
struct Single {
    char letter;
    Kind kind;
    Control control;
};

constexpr Single singles[] = {
    {'\\', Kind::lower, Control::none},  {'^', Kind::upper, Control::none},
    {'_', Kind::as_is, Control::none},   {'=', Kind::quote_filter, Control::none},
    {'E', Kind::control, Control::end},  {'C', Kind::control, Control::next},
    {'L', Kind::control, Control::loop}, {'R', Kind::control, Control::restart},
};

const Single* find_single(char letter) {
    for (const auto& single : singles) {
        if (single.letter == ascii_upper(letter)) return &single;
    }
    return nullptr;
}

/// Flags that nobody ever assigned; nearly always a mistake (quoting habits from elsewhere).
constexpr std::string_view doubtful_flags = "()&~\"'/@*%";

class TemplateParser {
public:
    TemplateParser(std::string_view text, SyntaxFindings& findings)
        : text_(text), findings_(findings) {}

    bool run(Parts& parts) {
        read(parts, nullptr, 0);
        return good_;
    }

private:
    /// Reads up to the closing character of `bracket`, or to the end if that is null.
    void read(Parts& parts, const Bracket* bracket, unsigned depth) {
        const std::size_t opened = start_;
        while (at_ < text_.size()) {
            start_ = at_;
            const char c = text_[at_++];
            if (bracket != nullptr && c == bracket->closing) return;
            if (c == '$') {
                dollar(parts, bracket, depth);
            } else {
                literal(parts, c);
            }
        }
        if (bracket == nullptr) return;
        start_ = opened;
        error(
            "E_UNTERMINATED",
            std::string("`") + bracket->closing + "` is missing to close `$" + bracket->opening +
                "`",
            std::string("the form is `") + bracket->example + "`"
        );
    }

    void dollar(Parts& parts, const Bracket* bracket, unsigned depth) {
        if (at_ == text_.size()) {
            return error(
                "E_DANGLING", "`$` at the end of the template quotes nothing",
                "a dollar sign is written `$$`"
            );
        }
        const char c = text_[at_++];
        const bool closing = bracket != nullptr && c == bracket->closing;
        if (closing || c == '$' || is_blank(c)) return literal(parts, c);
        if (is_digit(c)) {
            add(parts, Kind::field).number = static_cast<std::uint8_t>(c - '0');
        } else if (c == ':' || c == ';') {
            test(parts, c == ':' ? Kind::if_flag : Kind::unless_flag);
        } else if (const auto* single = find_single(c)) {
            add(parts, single->kind).control = single->control;
        } else if (const auto* inner = find_bracket(c)) {
            bracketed(parts, *inner, depth);
        } else if (c != '+' || !counted_control(parts)) {
            flag(parts, c);
        }
    }

    void bracketed(Parts& parts, const Bracket& bracket, unsigned depth) {
        if (depth == limits::bracket_nesting) {
            at_ = text_.size();
            return error("E_TOO_LONG", "brackets are nested too deeply", {});
        }
        Part& part = add(parts, bracket.kind);
        read(part.argument, &bracket, depth + 1);
    }

    void test(Parts& parts, Kind kind) {
        if (at_ == text_.size()) {
            return error("E_DANGLING", "the test names no flag", "such as `$:A`");
        }
        add(parts, kind).letter = ascii_upper(text_[at_++]);
    }

    /// `$+nC` and its like; false, and nothing read, if it is none.
    bool counted_control(Parts& parts) {
        std::size_t end = at_;
        while (end < text_.size() && is_digit(text_[end])) ++end;
        if (end == at_ || end == text_.size()) return false;
        const auto* single = find_single(text_[end]);
        if (single == nullptr || single->kind != Kind::control) return false;
        at_ = end + 1;
        Part& part = add(parts, Kind::control);
        part.control = single->control;
        part.stop = true;
        return true;
    }

    void flag(Parts& parts, char c) {
        if (doubtful_flags.find(c) != std::string_view::npos) {
            findings_.push_back(
                {Severity::warning, "W_FLAG", start_,
                 std::string("`$") + c + "` has no meaning; it sets a flag nobody looks at",
                 std::string("for the character itself write `") + c + "`"}
            );
        }
        add(parts, Kind::flag).letter = ascii_upper(c);
    }

    void literal(Parts& parts, char c) {
        if (parts.empty() || parts.back().kind != Kind::literal) add(parts, Kind::literal);
        parts.back().text += c;
    }

    Part& add(Parts& parts, Kind kind) {
        Part& part = parts.emplace_back();
        part.kind = kind;
        part.source = static_cast<std::uint32_t>(start_);
        return part;
    }

    void error(std::string code, std::string text, std::string hint) {
        good_ = false;
        findings_.push_back(
            {Severity::error, std::move(code), start_, std::move(text), std::move(hint)}
        );
    }

    std::string_view text_;
    SyntaxFindings& findings_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
    bool good_ = true;
};

void collect_tables(const Parts& parts, std::vector<std::string>& names) {
    for (const auto& part : parts) {
        if (part.kind == Kind::table && !part.argument.empty() &&
            part.argument.front().kind == Kind::literal) {
            const std::string& text = part.argument.front().text;
            const auto end = text.find_first_of(";,");
            if (end != std::string::npos) names.push_back(text.substr(0, end));
        }
        collect_tables(part.argument, names);
    }
}

}  // namespace

std::optional<Template> Template::parse(std::string_view text, SyntaxFindings& findings) {
    Template result;
    result.text_ = text;
    if (!TemplateParser(text, findings).run(result.parts_)) return std::nullopt;
    return result;
}

std::vector<std::string> Template::called_tables() const {
    std::vector<std::string> names;
    collect_tables(parts_, names);
    return names;
}

}  // namespace sluice::mapping
