#include "address/local_part.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"

namespace sluice::address {

namespace {

bool is_atext(char c) {
    constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
    return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 ||
           marks.find(c) != std::string_view::npos;
}

bool is_dot_string(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != std::string_view::npos) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atext(c); });
}

std::string quoted(std::string_view meaning) {
    std::string out = "\"";
    for (const char c : meaning) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

// The end of the quoted string that begins at `start`; npos where it is not closed.
std::size_t quoted_end(std::string_view text, std::size_t start) {
    for (std::size_t i = start + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

bool is_one_quoted_string(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && quoted_end(text, 0) == text.size();
}

}  // namespace

std::string unquote_local_part(std::string_view local_part) {
    std::string out;
    bool inside = false;
    for (std::size_t i = 0; i < local_part.size(); ++i) {
        const char c = local_part[i];
        if (c == '"') {
            inside = !inside;
        } else if (c == '\\' && inside && i + 1 < local_part.size()) {
            out += local_part[++i];
        } else {
            out += c;
        }
    }
    return out;
}

std::string quote_local_part(std::string_view meaning) {
    const bool plain =
        is_dot_string(meaning) && meaning.find_first_of("%!") == std::string_view::npos;
    return plain ? std::string(meaning) : quoted(meaning);
}

std::string canonical_local_part(std::string_view local_part) {
    if (!is_one_quoted_string(local_part)) return std::string(local_part);
    const std::string meaning = unquote_local_part(local_part);
    if (meaning.find('+') != std::string::npos) return quoted(meaning);
    return quote_local_part(meaning);
}

std::optional<std::string> join_quoted_words(std::string_view local_part) {
    bool any_quoted = false;
    bool at_word_start = true;
    std::size_t words = 1;
    for (std::size_t i = 0; i < local_part.size();) {
        if (local_part[i] == '.') {
            if (at_word_start) return std::nullopt;
            ++words;
            at_word_start = true;
            ++i;
            continue;
        }
        if (local_part[i] == '"') {
            if (!at_word_start) return std::nullopt;
            i = quoted_end(local_part, i);
            if (i == std::string_view::npos) return std::nullopt;
            if (i < local_part.size() && local_part[i] != '.') return std::nullopt;
            any_quoted = true;
        } else {
            if (!is_atext(local_part[i])) return std::nullopt;
            ++i;
        }
        at_word_start = false;
    }
    if (!any_quoted || words < 2 || at_word_start) return std::nullopt;
    return quoted(unquote_local_part(local_part));
}

Subaddress split_subaddress(std::string_view local_part, char separator) {
    const bool was_quoted = local_part.find('"') != std::string_view::npos;
    const std::string meaning =
        was_quoted ? unquote_local_part(local_part) : std::string(local_part);
    const auto place = meaning.find(separator, 1);
    if (place == std::string::npos) return {std::string(local_part), std::nullopt};
    std::string user = meaning.substr(0, place);
    return {was_quoted ? quote_local_part(user) : user, meaning.substr(place + 1)};
}

}  // namespace sluice::address
