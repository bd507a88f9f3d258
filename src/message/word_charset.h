#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// Character sets of encoded words in headers (RFC 2047). Pure.
namespace sluice::message {

/// What becomes of text in a character set.
struct CharsetChange {
    std::string label;   ///< what it really is; empty: what its label says
    std::string target;  ///< the set that it is converted to; empty: none

    [[nodiscard]] bool any() const { return !label.empty() || !target.empty(); }
    friend bool operator==(const CharsetChange&, const CharsetChange&) = default;
};
using AskCharset = std::function<CharsetChange(std::string_view charset)>;

/// What happened to the words of a header.
struct WordChanges {
    std::optional<std::string> header;  ///< nullopt: nothing changed
    std::size_t octets = 0;             ///< of the words that did
};

/// The fields of a header with the encoded words changed as `ask` says about their sets. Words that
/// stand one behind the other are read together, since some programs cut characters in two; what is
/// written keeps their form (Q or B), cuts none, and has at most 75 octets to a word. Words that
/// are none of their set stay. No more than `most` octets of words are changed.
[[nodiscard]] WordChanges change_encoded_words(
    std::string_view header, const AskCharset& ask, std::size_t most
);

}  // namespace sluice::message
