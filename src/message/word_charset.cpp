#include "message/word_charset.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/charset_converter.h"
#include "message/encoded_word.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

constexpr std::size_t longest_encoded_word = 75;  // RFC 2047 section 2

/// Blanks and line ends at the beginning; a CR alone is neither.
std::size_t white_space_length(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size()) {
        if (is_blank(text[length]) || text[length] == '\n') {
            ++length;
        } else if (text.substr(length, 2) == "\r\n") {
            length += 2;
        } else {
            break;
        }
    }
    return length;
}

/// Words of one set that stand one behind the other.
struct Run {
    EncodedWord word;        ///< with the octets of all
    std::size_t length = 0;  ///< of all, with what is between them
};

// Only blanks and folds are between two of them.
std::optional<Run> run_at(std::string_view text) {
    auto first = parse_encoded_word(text);
    if (!first) return std::nullopt;
    Run run{std::move(*first), 0};
    run.length = run.word.length;
    for (;;) {
        std::size_t next = run.length;
        next += white_space_length(text.substr(next));
        // A line that does not begin with a blank is another field.
        if (next == run.length || next >= text.size() || !is_blank(text[next - 1])) return run;
        const auto more = parse_encoded_word(text.substr(next));
        const bool goes_on = more && more->form == run.word.form &&
                             equals_ignoring_case(more->charset, run.word.charset) &&
                             equals_ignoring_case(more->language, run.word.language);
        if (!goes_on) return run;
        run.word.octets += more->octets;
        run.length = next + more->length;
    }
}

std::optional<std::string> strict_utf8(std::string_view charset, std::string_view octets) {
    const auto converter = CharsetConverter::open(charset, "utf-8");
    if (converter == nullptr) return std::nullopt;
    std::string out;
    converter->feed(octets, out);
    converter->finish(out);
    if (converter->is_malformed()) return std::nullopt;
    return out;
}

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

/// A header as it is written anew.
class Writer {
public:
    void copy(std::string_view text) { out_ += text; }

    void add_words(const EncodedWord& shape, std::string_view text) {
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
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    // At the blank in front, unless nothing but blanks is on the line.
    void fold_before(std::size_t size) {
        const std::size_t newline = out_.rfind('\n');
        const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
        if (out_.size() - begin + size <= preferred_line || out_.empty() || !is_blank(out_.back()))
            return;
        const std::size_t place = out_.size() - 1;
        if (out_.find_first_not_of(" \t", begin) < place) out_.insert(place, "\r\n");
    }

    std::string out_;
};

}  // namespace

WordChanges change_encoded_words(std::string_view header, const AskCharset& ask, std::size_t most) {
    WordChanges changes;
    Writer writer;
    std::size_t copied = 0;
    for (std::size_t at = header.find("=?"); at != std::string_view::npos;) {
        const auto run = run_at(header.substr(at));
        if (!run) {
            at = header.find("=?", at + 2);
            continue;
        }
        const std::size_t end = at + run->length;
        const CharsetChange change = ask(run->word.charset);
        if (change.any() && changes.octets + run->length <= most) {
            EncodedWord shape = run->word;
            if (!change.label.empty()) shape.charset = change.label;
            const auto text = strict_utf8(shape.charset, shape.octets);
            if (!change.target.empty()) shape.charset = change.target;
            if (text && is_known_charset(shape.charset)) {
                writer.copy(header.substr(copied, at - copied));
                writer.add_words(shape, *text);
                copied = end;
                changes.octets += run->length;
            }
        }
        at = header.find("=?", end);
    }
    if (copied == 0) return changes;
    writer.copy(header.substr(copied));
    changes.header = writer.take();
    return changes;
}

}  // namespace sluice::message
