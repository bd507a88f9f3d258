#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::message {

/// A phrase for an address field: as it is or quoted when ASCII, else RFC 2047 encoded words in
/// UTF-8, base64, each at most 75 characters, cut between characters. Bytes that are not UTF-8
/// are taken for ISO 8859-1.
[[nodiscard]] std::string encoded_phrase(std::string_view text);

/// One encoded word (RFC 2047 section 2). A plain value.
struct EncodedWord {
    std::string charset;
    std::string language;    ///< RFC 2231 section 5; empty: none
    char form = 'q';         ///< 'q' or 'b'
    std::string octets;      ///< its text in the character set
    std::size_t length = 0;  ///< of the word that was read
};
/// The word at the beginning of `text`; nullopt where there is none that is well-formed. Whether
/// anybody knows the set is not asked.
[[nodiscard]] std::optional<EncodedWord> parse_encoded_word(std::string_view text);
/// However long it becomes.
[[nodiscard]] std::string format_encoded_word(const EncodedWord& word);

}  // namespace sluice::message
