#include "message/decoded_text.h"

#include <optional>

#include "base/bytes.h"
#include "message/charset.h"
#include "message/encoded_word.h"

namespace sluice::message {

namespace {

struct Word {
    std::string text;
    std::size_t length = 0;  ///< octets of the encoded word
};

/// The encoded word at the beginning of `text`.
std::optional<Word> word_at(std::string_view text) {
    const auto word = parse_encoded_word(text);
    if (!word) return std::nullopt;
    const auto decoded = to_utf8(word->charset, word->octets);
    if (!decoded) return std::nullopt;
    return Word{*decoded, word->length};
}

}  // namespace

std::string decoded_text(std::string_view value) {
    std::string out;
    std::size_t blanks_since_word = std::string::npos;  // where they begin in `out`
    for (std::size_t i = 0; i < value.size();) {
        if (auto word = word_at(value.substr(i))) {
            if (blanks_since_word != std::string::npos) out.resize(blanks_since_word);
            out += word->text;
            i += word->length;
            blanks_since_word = out.size();
            continue;
        }
        if (!is_blank(value[i])) blanks_since_word = std::string::npos;
        out += value[i++];
    }
    return out;
}

}  // namespace sluice::message
