#include "message/word_writer.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/charset_converter.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

constexpr std::size_t longest_encoded_word = 75;  // RFC 2047 section 2

/// `text`, UTF-8, as words of a set; each fits, and holds whole characters.
class WordCutter {
public:
    WordCutter(EncodedWord shape, std::string_view text) : shape_(std::move(shape)), text_(text) {}

    std::string next() {
        std::size_t characters = 40;
        for (;;) {
            const std::size_t size = size_of(characters);
            shape_.octets = from_utf8(shape_.charset, text_.substr(0, size));
            std::string word = format_encoded_word(shape_);
            if (word.size() <= longest_encoded_word || characters == 1) {
                text_.remove_prefix(size);
                return word;
            }
            characters = std::max<std::size_t>(
                1, std::min(characters - 1, characters * longest_encoded_word / word.size())
            );
        }
    }
    [[nodiscard]] bool is_empty() const { return text_.empty(); }

private:
    [[nodiscard]] std::size_t size_of(std::size_t characters) const {
        std::size_t size = 0;
        for (; characters > 0 && size < text_.size(); --characters)
            size += std::max<std::size_t>(1, utf8_sequence_length(text_.substr(size)));
        return size;
    }

    EncodedWord shape_;
    std::string_view text_;
};

}  // namespace

std::optional<std::string> strict_utf8(std::string_view charset, std::string_view octets) {
    const auto converter = CharsetConverter::open(charset, "utf-8");
    if (converter == nullptr) return std::nullopt;
    std::string out;
    converter->feed(octets, out);
    converter->finish(out);
    if (converter->is_malformed()) return std::nullopt;
    return out;
}

void WordWriter::add_words(const EncodedWord& shape, std::string_view text) {
    WordCutter cutter(shape, text);
    for (bool first = true; first || !cutter.is_empty(); first = false) {
        const std::string word = cutter.next();
        if (first) {
            fold_before(word.size());
        } else {
            out_ += "\r\n ";
        }
        out_ += word;
    }
}

// At the blank in front, unless nothing but blanks is on the line.
void WordWriter::fold_before(std::size_t size) {
    const std::size_t newline = out_.rfind('\n');
    const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
    if (out_.size() - begin + size <= preferred_line || out_.empty() || !is_blank(out_.back()))
        return;
    const std::size_t place = out_.size() - 1;
    if (out_.find_first_not_of(" \t", begin) < place) out_.insert(place, "\r\n");
}

}  // namespace sluice::message
