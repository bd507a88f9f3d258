#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Finds the addresses in the value of an address field (RFC 5322 section 3.4, with the obsolete
// forms of section 4.4) in such a way that one of them can be replaced where it stands and every
// other octet is kept. Pure; the work grows with the length of the value.
namespace sluice::message {

/// A stretch of a value, in octets.
struct Span {
    std::size_t offset = 0;
    std::size_t length = 0;

    [[nodiscard]] std::size_t end() const { return offset + length; }
    [[nodiscard]] std::string_view in(std::string_view text) const {
        return text.substr(offset, length);
    }
    friend bool operator==(const Span&, const Span&) = default;
};
/// Text that comments may interrupt: "joe(at home)@example.com" is two spans.
using Pieces = std::vector<Span>;

/// One address of an address field.
struct ListedAddress {
    std::string address;       ///< without brackets, comments and blanks; empty for "<>"
    Pieces spelling;           ///< where it stands; empty for "<>"
    bool in_brackets = false;  ///< spelled between "<" and ">"
    Pieces phrase;             ///< the personal name in front of the brackets; may be empty
};

struct ListedComment {
    Span where;               ///< with its parentheses
    std::size_t address = 0;  ///< index of the address it is said of; of the last one if of none
};

/// What an address field holds.
struct AddressList {
    std::vector<ListedAddress> addresses;
    std::vector<ListedComment> comments;
    std::vector<std::size_t> separators;  ///< offsets of the commas outside groups
    bool has_groups = false;
};

/// Takes the value of a field apart, folded as it came. 8-bit octets count as letters, and a
/// personal name may be anything. nullopt for everything else that is no list of addresses:
/// such a field is better left alone.
[[nodiscard]] std::optional<AddressList> parse_address_list(std::string_view value);

/// Where an address of a header field points (spec page imta-cnf, section 6.1).
enum class AddressDirection { forward, backward };
/// nullopt: a field without addresses, or one whose addresses nobody rewrites (trace fields).
[[nodiscard]] std::optional<AddressDirection> address_direction(std::string_view field_name);

/// Replacements of stretches of one text.
class SpanEdits {
public:
    void replace(const Span& where, std::string text) {
        edits_.push_back({where, std::move(text)});
    }
    /// The new text in the place of the first piece, nothing in the place of the others.
    void replace(const Pieces& pieces, const std::string& text);
    [[nodiscard]] bool empty() const { return edits_.empty(); }
    /// The text with all edits made. Where two overlap, the later one loses the part they share.
    [[nodiscard]] std::string apply(std::string_view text) const;

private:
    struct Edit {
        Span where;
        std::string text;
    };
    std::vector<Edit> edits_;
};

/// "a@b (c)" without the comment: its stretch with the blanks that go with it.
[[nodiscard]] Span with_blanks_before(std::string_view value, const Span& span);
[[nodiscard]] Span with_blanks_after(std::string_view value, const Span& span);

}  // namespace sluice::message
