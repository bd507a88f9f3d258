#include "utility/command_words.h"

namespace sluice::utility {

std::optional<std::vector<std::string>> split_command_line(std::string_view line) {
    std::vector<std::string> words;
    bool in_word = false;
    char quote = 0;
    for (const char c : line) {
        if (quote != 0) {
            if (c == quote) {
                quote = 0;
            } else {
                words.back() += c;
            }
            continue;
        }
        if (c == ' ' || c == '\t' || c == '\r') {
            in_word = false;
            continue;
        }
        if (!in_word) {
            words.emplace_back();
            in_word = true;
        }
        if (c == '"' || c == '\'') {
            quote = c;
        } else {
            words.back() += c;
        }
    }
    if (quote != 0) return std::nullopt;
    return words;
}

std::string join_command_line(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
        if (!line.empty()) line += ' ';
        if (!word.empty() && word.find_first_of(" \t\r\"'") == std::string::npos) {
            line += word;
            continue;
        }
        const char quote = word.find('\'') == std::string::npos ? '\'' : '"';
        line += quote + word + quote;
    }
    return line;
}

}  // namespace sluice::utility
