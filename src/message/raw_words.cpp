#include "message/raw_words.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/header_field.h"
#include "message/word_writer.h"

namespace sluice::message {

namespace {

constexpr std::array<std::string_view, 5> text_fields = {
    "Subject", "Comments", "Content-Description", "Organization", "Thread-Topic"};
constexpr std::array<std::string_view, 10> address_fields = {
    "From",          "To",        "Cc",       "Bcc", "Sender", "Reply-To", "Resent-From",
    "Resent-Sender", "Resent-To", "Resent-Cc"};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view one) {
        return equals_ignoring_case(one, name);
    });
}

bool is_white(char c) {
    return is_blank(c) || c == '\r' || c == '\n';
}

/// Goes through the value of one field and writes it anew.
class RawWords {
public:
    RawWords(std::string_view charset, WordWriter& out) : out_(out) { shape_.charset = charset; }

    /// Words with octets above 127 that stand one behind the other become one text, blanks between
    /// them included: between encoded words they would be lost.
    void text(std::string_view value) {
        shape_.form = 'q';
        while (!value.empty()) {
            std::size_t size = white(value);
            out_.copy(value.substr(0, size));
            value.remove_prefix(size);
            size = run(value, [](char c) { return !is_white(c); });
            replace(value.substr(0, size), unfold(value.substr(0, size)));
            value.remove_prefix(size);
        }
    }

    /// In angle brackets and comments nothing is encoded.
    void addresses(std::string_view value) {
        // In a phrase fewer characters may stand for themselves (RFC 2047 section 5): base64 has
        // none of the others.
        shape_.form = 'b';
        while (!value.empty()) {
            changed_last_ = false;
            const std::size_t size = token(value);
            const std::string_view whole = value.substr(0, size);
            value.remove_prefix(size);
            if (!is_name(whole, value)) {
                out_.copy(whole);
            } else {
                replace(whole, whole.front() == '"' ? unquoted(whole) : unfold(whole));
            }
            // White space stands between an encoded word and what follows it.
            if (changed_last_ && !value.empty() && !is_white(value.front()) && value.front() != ',')
                out_.copy(" ");
        }
    }
    [[nodiscard]] bool changed() const { return changed_; }

private:
    static std::size_t white(std::string_view text) {
        return static_cast<std::size_t>(
            std::find_if_not(text.begin(), text.end(), is_white) - text.begin()
        );
    }

    /// What an "@" follows is none.
    static bool is_name(std::string_view token, std::string_view behind) {
        if (token.front() == '<' || token.front() == '(' || behind.starts_with('@')) return false;
        if (token.front() == '"') return token.size() > 1 && token.ends_with('"');
        return token.find('@') == std::string_view::npos;
    }

    /// A word, and the raw words behind it if it is one itself.
    template <class IsPart>
    static std::size_t run(std::string_view text, IsPart is_part) {
        const auto word = [&](std::size_t from) {
            std::size_t end = from;
            while (end < text.size() && is_part(text[end])) ++end;
            return end;
        };
        std::size_t end = word(0);
        if (is_ascii(text.substr(0, end))) return end;
        for (;;) {
            const std::size_t next = end + white(text.substr(end));
            const std::size_t next_end = word(next);
            if (next_end == next || is_ascii(text.substr(next, next_end - next))) return end;
            end = next_end;
        }
    }

    /// Length of what begins here: white space, a route or comment, a quoted string, a run of
    /// words, or one special.
    static std::size_t token(std::string_view text) {
        if (const std::size_t blanks = white(text); blanks > 0) return blanks;
        if (text.front() == '<') return std::min(text.find('>'), text.size() - 1) + 1;
        if (text.front() == '(') return enclosed(text, ')');
        if (text.front() == '"') return enclosed(text, '"');
        constexpr std::string_view specials = "()<>,;:\"";
        const std::size_t size =
            run(text, [&](char c) { return !is_white(c) && specials.find(c) == specials.npos; });
        return std::max<std::size_t>(size, 1);
    }
    static std::size_t enclosed(std::string_view text, char close) {
        std::size_t depth = 1;
        for (std::size_t i = 1; i < text.size(); ++i) {
            if (text[i] == '\\') {
                ++i;
            } else if (text[i] == close) {
                if (--depth == 0) return i + 1;
            } else if (text[i] == '(' && close == ')') {
                ++depth;
            }
        }
        return text.size();
    }
    static std::string unquoted(std::string_view quoted) {
        quoted.remove_prefix(1);
        if (quoted.ends_with('"')) quoted.remove_suffix(1);
        std::string out;
        const std::string text = unfold(quoted);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) ++i;
            out += text[i];
        }
        return out;
    }

    void replace(std::string_view raw, const std::string& text) {
        const auto utf8 = is_ascii(text) ? std::nullopt : strict_utf8(shape_.charset, text);
        if (!utf8) return out_.copy(raw);
        out_.add_words(shape_, *utf8);
        changed_last_ = changed_ = true;
    }

    WordWriter& out_;
    EncodedWord shape_;
    bool changed_ = false;
    bool changed_last_ = false;
};

}  // namespace

std::optional<std::string> encode_raw_words(std::string_view header, std::string_view charset) {
    if (charset.empty() || is_ascii(header)) return std::nullopt;
    WordWriter out;
    bool changed = false;
    const std::size_t separator = mailbox_separator_length(header);
    out.copy(header.substr(0, separator));
    std::size_t used = separator;
    for (const HeaderField& field : split_header(header.substr(separator), header.size())) {
        used += field.raw.size();
        const bool is_text = is_one_of(text_fields, field.name);
        const bool is_addresses = is_one_of(address_fields, field.name);
        if (is_ascii(field.raw) || !(is_text || is_addresses)) {
            out.copy(field.raw);
            continue;
        }
        const std::size_t begin = field.raw.find(':') + 1;
        out.copy(field.raw.substr(0, begin));
        RawWords words(charset, out);
        if (is_text) {
            words.text(field.raw_value);
        } else {
            words.addresses(field.raw_value);
        }
        out.copy(field.raw.substr(begin + field.raw_value.size()));
        changed = changed || words.changed();
    }
    if (!changed) return std::nullopt;
    out.copy(header.substr(used));
    return out.take();
}

}  // namespace sluice::message
