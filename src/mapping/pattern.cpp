#include "mapping/pattern.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace sluice::mapping {

namespace {

using Set = Pattern::Set;

std::size_t octet(char c) {
    return static_cast<unsigned char>(c);
}

template <class Predicate>
Set set_where(Predicate belongs) {
    Set set;
    for (std::size_t i = 0; i < set.size(); ++i) {
        const char c = static_cast<char>(i);
        if (belongs(c)) set.set(octet(ascii_lower(c)));
    }
    return set;
}

/// The set of a class letter (upper case); nullopt if it names no class.
std::optional<Set> class_set(char letter) {
    switch (letter) {
        case 'A':
            return set_where(is_alpha);
        case 'B':
            return set_where([](char c) { return c == '0' || c == '1'; });
        case 'D':
            return set_where(is_digit);
        case 'H':
        case 'X':
            return set_where([](char c) {
                return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
            });
        case 'O':
            return set_where([](char c) { return c >= '0' && c <= '7'; });
        case 'S':
            return set_where([](char c) { return is_alnum(c) || c == '_' || c == '$'; });
        case 'T':
            return set_where([](char c) { return c == ' ' || c == '\t' || c == '\v'; });
        default:
            return std::nullopt;
    }
}

}  // namespace

/// Reads one pattern from left to right. Modifiers wait in `lazy_` and `unsaved_` for the next
/// element that can use them.
class PatternParser {
public:
    PatternParser(std::string_view text, Pattern& pattern, SyntaxFindings& findings)
        : text_(text), pattern_(pattern), findings_(findings) {}

    bool run() {
        while (at_ < text_.size()) {
            start_ = at_;
            const char c = text_[at_++];
            if (c == '$') {
                dollar();
            } else if (c == '%' || c == '*') {
                wildcard(c == '*' ? Pattern::Kind::run : Pattern::Kind::one, 0);
            } else {
                literal(c);
            }
        }
        return good_;
    }

private:
    using Kind = Pattern::Kind;

    void dollar() {
        if (at_ == text_.size()) {
            return error(
                "E_DANGLING", "`$` at the end of the pattern quotes nothing",
                "a dollar sign is written `$$`"
            );
        }
        const char c = text_[at_++];
        if (is_digit(c)) return back_reference(c);
        if (class_set(ascii_upper(c))) return character_class(c);
        switch (c) {
            case '_':
                lazy_ = true;
                return;
            case '@':
                unsaved_ = true;
                return;
            case '^':
                unsaved_ = false;
                return;
            case '[':
                return character_set();
            case '(':
                return network(')', false);
            case '<':
                return network('>', true);
            case '{':
                return network('}', false);
            default:
                return literal(c);
        }
    }

    void literal(char c) {
        pattern_.folded_text_ += ascii_lower(c);
        auto& elements = pattern_.elements_;
        if (elements.empty() || elements.back().kind != Kind::literal) {
            Pattern::Element element;
            element.begin = static_cast<std::uint32_t>(pattern_.folded_text_.size() - 1);
            element.source = static_cast<std::uint32_t>(start_);
            elements.push_back(element);
        }
        auto& element = elements.back();
        ++element.length;
        element.source_length = static_cast<std::uint32_t>(at_ - element.source);
    }

    Pattern::Element& add(Kind kind, std::size_t operand) {
        Pattern::Element element;
        element.kind = kind;
        element.operand = static_cast<std::uint16_t>(operand);
        element.source = static_cast<std::uint32_t>(start_);
        element.source_length = static_cast<std::uint32_t>(at_ - start_);
        pattern_.elements_.push_back(element);
        return pattern_.elements_.back();
    }

    void wildcard(Kind kind, std::size_t operand) {
        auto& element = add(kind, operand);
        element.lazy = std::exchange(lazy_, false);
        if (!std::exchange(unsaved_, false)) {
            element.field = static_cast<std::int16_t>(pattern_.field_elements_.size());
            pattern_.field_elements_.push_back(pattern_.elements_.size() - 1);
        }
    }

    /// The `%` or `*` that must stand behind a class or a set.
    std::optional<Kind> count() {
        if (at_ < text_.size() && (text_[at_] == '%' || text_[at_] == '*')) {
            return text_[at_++] == '%' ? Kind::one_of : Kind::run_of;
        }
        return std::nullopt;
    }

    void character_class(char letter) {
        const auto kind = count();
        if (!kind) {
            return error(
                "E_GLOB", std::string("class `$") + letter + "` needs `%` or `*` behind it",
                std::string("`$") + letter + "%` is one such character, `$" + letter +
                    "*` any number"
            );
        }
        pattern_.sets_.push_back(*class_set(ascii_upper(letter)));
        wildcard(*kind, pattern_.sets_.size() - 1);
    }

    void character_set() {
        Set set;
        if (!read_members(set)) return;
        const auto kind = count();
        if (!kind) {
            return error(
                "E_GLOB", "a set needs `%` or `*` behind its `]`",
                "`%` is one member, `*` any number"
            );
        }
        pattern_.sets_.push_back(set);
        wildcard(*kind, pattern_.sets_.size() - 1);
    }

    bool read_members(Set& set) {
        const std::size_t first = at_;
        while (at_ < text_.size()) {
            if (text_[at_] == ']' && at_ > first) {
                ++at_;
                return true;
            }
            const bool quoted = text_[at_] == '$';
            const auto low = member();
            if (!low) break;
            const bool range = !(quoted && *low == '-') && at_ + 1 < text_.size() &&
                               text_[at_] == '-' && text_[at_ + 1] != ']';
            if (!range) {
                set.set(octet(ascii_lower(*low)));
                continue;
            }
            ++at_;
            const auto high = member();
            if (!high) break;
            add_range(set, *low, *high);
        }
        error("E_UNTERMINATED", "`]` of the set is missing", {});
        return false;
    }

    std::optional<char> member() {
        if (text_[at_] == '$') ++at_;
        if (at_ == text_.size()) return std::nullopt;
        return text_[at_++];
    }

    /// Ends that are letters compare folded, as the probe does; other ends as they are.
    void add_range(Set& set, char low, char high) {
        if (is_alpha(low) && is_alpha(high)) {
            low = ascii_lower(low);
            high = ascii_lower(high);
        }
        if (octet(low) > octet(high)) {
            error("E_GLOB", "the range in the set runs backwards", "write the lower end first");
        }
        for (std::size_t i = octet(low); i <= octet(high); ++i) {
            set.set(octet(ascii_lower(static_cast<char>(i))));
        }
    }

    void back_reference(char digit) {
        if (at_ == text_.size() || text_[at_] != '*') {
            return error(
                "E_BACKREF", std::string("`$") + digit + "` in a pattern needs `*` behind it",
                std::string("`$") + digit + "*` matches the text of field " + digit + " again"
            );
        }
        ++at_;
        const auto field = static_cast<std::size_t>(digit - '0');
        if (field >= pattern_.field_elements_.size()) {
            return error(
                "E_BACKREF",
                std::string("no wildcard before `$") + digit + "*` saves field " + digit,
                "fields are numbered from 0; `$@` wildcards take no number"
            );
        }
        add(Kind::back_reference, field);
        pattern_.refers_until_ = pattern_.elements_.size();
    }

    void network(char closing, bool ignored_bits) {
        const auto end = text_.find(closing, at_);
        if (end == std::string_view::npos) {
            at_ = text_.size();
            return error(
                "E_UNTERMINATED", std::string("`") + closing + "` of the address is missing", {}
            );
        }
        const auto inside = text_.substr(at_, end - at_);
        at_ = end + 1;
        const auto network = parse_network(inside, closing == '}', ignored_bits);
        if (!network) {
            return error(
                "E_IP", "`" + std::string(inside) + "` is no address with a bit count",
                closing == '}' ? "such as `${2001:db8::/32}`" : "such as `$(192.0.2.0/24)`"
            );
        }
        pattern_.networks_.push_back(*network);
        wildcard(Kind::network, pattern_.networks_.size() - 1);
    }

    static std::optional<Pattern::Network> parse_network(
        std::string_view inside, bool v6, bool ignored_bits
    ) {
        const auto slash = inside.find('/');
        const auto address = IpAddress::parse(inside.substr(0, slash));
        if (!address || address->is_v6() != v6) return std::nullopt;
        Pattern::Network network{*address, address->bit_count()};
        if (slash == std::string_view::npos) return network;
        const auto bits = parse_unsigned(inside.substr(slash + 1));
        if (!bits || *bits > address->bit_count()) return std::nullopt;
        const auto count = static_cast<unsigned>(*bits);
        network.bits = ignored_bits ? address->bit_count() - count : count;
        return network;
    }

    void error(std::string code, std::string text, std::string hint) {
        good_ = false;
        findings_.push_back(
            {Severity::error, std::move(code), start_, std::move(text), std::move(hint)}
        );
    }

    std::string_view text_;
    Pattern& pattern_;
    SyntaxFindings& findings_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
    bool lazy_ = false;
    bool unsaved_ = false;
    bool good_ = true;
};

std::optional<Pattern> Pattern::parse(std::string_view text, SyntaxFindings& findings) {
    Pattern pattern;
    pattern.text_ = text;
    if (!PatternParser(text, pattern, findings).run()) return std::nullopt;
    return pattern;
}

}  // namespace sluice::mapping
