#include "message/word_charset.h"

#include "base/bytes.h"
#include "message/charset_converter.h"
#include "message/word_writer.h"

namespace sluice::message {

namespace {

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

}  // namespace

WordChanges change_encoded_words(std::string_view header, const AskCharset& ask, std::size_t most) {
    WordChanges changes;
    WordWriter writer;
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
