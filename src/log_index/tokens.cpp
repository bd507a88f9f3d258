#include "log_index/tokens.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <string>

#include "base/bytes.h"

namespace sluice::log_index {

namespace {

constexpr std::size_t least_size = 3;

constexpr std::array<bool, 256> make_word_characters() {
    std::array<bool, 256> out{};
    for (unsigned c = 0; c < 256; ++c) {
        out[c] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }
    for (const char c : std::string_view(".-_+$%~!#*@")) out[static_cast<unsigned char>(c)] = true;
    return out;
}
constexpr auto word_characters = make_word_characters();

bool is_word_character(char c) {
    return word_characters[static_cast<unsigned char>(c)];
}

Word hash_of(std::string_view lower) {
    return static_cast<Word>(XXH3_64bits(lower.data(), lower.size()));
}

bool is_number(std::string_view word) {
    for (const char c : word) {
        if (!is_digit(c) && c != '.' && c != '-') return false;
    }
    return word.find('.') == word.rfind('.');  // 1.2.3.4 is an address
}

// "1f625.3.1" -> "1f625.3": what the operations of one thread share.
std::string_view process_part(std::string_view word) {
    const std::size_t last = word.rfind('.');
    if (last == std::string_view::npos || last == 0 || last + 1 == word.size()) return {};
    std::size_t points = 0;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool hex = is_digit(word[i]) || (word[i] >= 'a' && word[i] <= 'f');
        if (word[i] == '.')
            ++points;
        else if (!hex || (i > last && !is_digit(word[i])))
            return {};
    }
    return points <= 2 ? word.substr(0, last) : std::string_view();
}

// "zz01isklsklzli90n15m.00" behind a slash -> "01isklsklzli90n15m".
std::string_view queue_file_part(std::string_view word) {
    constexpr std::size_t prefix = 2;
    const std::size_t point = word.rfind('.');
    if (point == std::string_view::npos || point < prefix + 6 || word.size() - point > 5) return {};
    for (std::size_t i = 0; i < point; ++i) {
        if (!is_alnum(word[i])) return {};
    }
    // Not a host in "SMTP/host.example".
    if (!is_number(word.substr(point + 1)) && word.substr(point + 1) != "held") return {};
    return word.substr(prefix, point - prefix);
}

class Scanner {
public:
    Scanner(std::string_view line, const std::function<void(Word)>& word)
        : line_(line), word_(word) {}

    void run() {
        std::size_t at = 0;
        while (at < line_.size()) {
            while (at < line_.size() && !is_word_character(line_[at])) ++at;
            const std::size_t begin = at;
            while (at < line_.size() && is_word_character(line_[at])) ++at;
            if (at > begin) take(begin, at);
        }
    }

private:
    void take(std::size_t begin, std::size_t end) {
        // A full stop at the end of a sentence is no part of the word.
        while (end > begin && (line_[end - 1] == '.' || line_[end - 1] == '-')) --end;
        lower_.assign(line_.substr(begin, end - begin));
        for (char& c : lower_) c = ascii_lower(c);
        const std::string_view word = lower_;
        const bool numbered = before_ == "msg" || before_ == "delivery";
        if (numbered && is_number(word)) {
            emit(before_ + ' ' + lower_);
        } else if (word.size() >= least_size && !is_number(word)) {
            take_word(word, begin > 0 && line_[begin - 1] == '/');
        }
        before_.assign(word);
    }
    void take_word(std::string_view word, bool behind_slash) {
        const std::string_view file = behind_slash ? queue_file_part(word) : std::string_view();
        const std::string_view process = process_part(word);
        if (!file.empty()) {
            emit(file);
        } else if (!process.empty()) {
            emit(process);
        } else {
            emit(word);
            const std::size_t at = word.rfind('@');
            if (at != std::string_view::npos && word.size() - at > least_size)
                emit(word.substr(at + 1));
        }
    }
    void emit(std::string_view word) { word_(hash_of(word)); }

    std::string_view line_;
    const std::function<void(Word)>& word_;
    std::string lower_;
    std::string before_;
};

}  // namespace

void for_each_word(std::string_view line, const std::function<void(Word)>& word) {
    Scanner(line, word).run();
}

std::vector<Word> words_to_find(std::string_view text, bool fragment) {
    std::vector<Word> words;
    if (fragment) {
        // Only a domain that the text names in full, or words with marks on both sides, are sure.
        const std::size_t first = text.find_first_of(" <>,;:()[]|=/\"&@");
        const std::size_t last = text.find_last_of(" <>,;:()[]|=/\"&@");
        if (first == std::string_view::npos || first == last) return words;
        text = text.substr(first + 1, last - first - 1);
        if (text.find('@') != std::string_view::npos) return words;
    }
    for_each_word(text, [&](Word word) { words.push_back(word); });
    return words;
}

}  // namespace sluice::log_index
