#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "mapping/syntax_finding.h"

namespace sluice::mapping {

/// The left column of a mapping entry, compiled. It must cover the whole text it is compared with;
/// ASCII letters compare without regard to case, everything else octet by octet. Wildcards,
/// classes, sets and address elements save what they matched in fields numbered from 0. Immutable;
/// safe to share between threads. The language is described in mappings(5).
class Pattern {
public:
    enum class Kind : std::uint8_t {
        literal,         ///< text that must stand there
        one,             ///< `%`
        run,             ///< `*`
        one_of,          ///< class or set with `%`
        run_of,          ///< class or set with `*`
        back_reference,  ///< `$n*`
        network,         ///< `$(...)`, `$<...>`, `${...}`
    };
    struct Element {
        Kind kind = Kind::literal;
        bool lazy = false;        ///< runs only: shortest first
        std::int16_t field = -1;  ///< number under which the text is saved; -1 not at all
        std::uint16_t operand =
            0;                    ///< index of the set or network; number of the field referred to
        std::uint32_t begin = 0;  ///< literal: range of `folded_text()`
        std::uint32_t length = 0;
        std::uint32_t source = 0;  ///< range of `text()`, to show people what did not match
        std::uint32_t source_length = 0;
    };
    struct Network {
        IpAddress address;
        unsigned bits = 0;
    };
    using Set = std::bitset<256>;  ///< of folded octets

    /// Compiles `text`. Every problem is added to `findings`; nullopt if one of them is an error.
    static std::optional<Pattern> parse(std::string_view text, SyntaxFindings& findings);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::size_t field_count() const { return field_elements_.size(); }
    [[nodiscard]] const std::vector<Element>& elements() const { return elements_; }
    [[nodiscard]] std::string_view literal_of(const Element& element) const {
        return std::string_view(folded_text_).substr(element.begin, element.length);
    }
    [[nodiscard]] const Set& set_of(const Element& element) const { return sets_[element.operand]; }
    [[nodiscard]] const Network& network_of(const Element& element) const {
        return networks_[element.operand];
    }
    /// Index of the element that saves field `field`.
    [[nodiscard]] std::size_t element_of_field(std::size_t field) const {
        return field_elements_[field];
    }
    /// Whether an element at or behind index `element` refers back to a field.
    [[nodiscard]] bool refers_back_from(std::size_t element) const {
        return element < refers_until_;
    }

private:
    friend class PatternParser;

    std::string text_;
    std::string folded_text_;  ///< all literals, lower case
    std::vector<Element> elements_;
    std::vector<Set> sets_;
    std::vector<Network> networks_;
    std::vector<std::size_t> field_elements_;
    std::size_t refers_until_ = 0;
};

}  // namespace sluice::mapping
