#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "message/encoded_word.h"

// Encoded words in the place of text in a header. Inside this room only.
namespace sluice::message {

/// What `octets` of a set are in UTF-8; nullopt where they are none of it, or it is not known.
std::optional<std::string> strict_utf8(std::string_view charset, std::string_view octets);

/// A header as it is written anew.
class WordWriter {
public:
    void copy(std::string_view text) { out_ += text; }
    /// `text`, UTF-8, as words of the set and form of `shape`: whole characters, at most 75 octets
    /// to a word, one to a line where there are several.
    void add_words(const EncodedWord& shape, std::string_view text);
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void fold_before(std::size_t size);

    std::string out_;
};

}  // namespace sluice::message
