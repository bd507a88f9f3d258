#include "auth/password_file.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "auth/base64.h"

namespace sluice::auth {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t seed_size = 32;
constexpr std::string_view seed_word = "%seed";
constexpr std::string_view mail_word = "mail=";

bool is_comment(std::string_view line) {
    return line.empty() || line.front() == '!' || line.front() == '#';
}

std::string_view without_cr(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// nullopt: not understood.
std::optional<PasswordEntry> parse_entry(const std::vector<std::string_view>& words) {
    PasswordEntry entry;
    if (!is_user_name(words[0])) return std::nullopt;
    entry.user = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "disabled") {
            entry.disabled = true;
        } else if (word.starts_with(mail_word)) {
            entry.mail = word.substr(mail_word.size());
        } else {
            auto secret = parse_scram_secret(word);
            if (!secret || entry.find(secret->hash) != nullptr) return std::nullopt;
            entry.secrets.push_back(std::move(*secret));
        }
    }
    return entry;
}

std::uint32_t most_frequent(const std::vector<PasswordEntry>& entries) {
    std::map<std::uint32_t, std::size_t> counts;
    for (const PasswordEntry& entry : entries) {
        for (const ScramSecret& secret : entry.secrets) ++counts[secret.iterations];
    }
    const auto most =
        std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
            return a.second < b.second;
        });
    return most == counts.end() ? usual_iterations : most->first;
}

bool is_line_of(std::string_view line, std::string_view user) {
    if (is_comment(line)) return false;
    const auto words = split_words(line);
    return !words.empty() && equals_ignoring_case(words[0], user);
}

/// Lines with their ends taken off; a last line without an end is one too.
std::vector<std::string_view> lines_of(std::string_view text) {
    auto lines = split(text, '\n');
    if (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
}

bool has_seed_line(const std::vector<std::string_view>& lines) {
    return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
        return is_line_of(line, seed_word);
    });
}

}  // namespace

const ScramSecret* PasswordEntry::find(ScramHash hash) const {
    for (const ScramSecret& secret : secrets) {
        if (secret.hash == hash) return &secret;
    }
    return nullptr;
}

PasswordFile PasswordFile::parse(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
) {
    PasswordFile file;
    const auto name = std::make_shared<const std::string>(file_name);
    std::size_t number = 0;
    for (const std::string_view raw : split(text, '\n')) {
        ++number;
        const std::string_view line = trim(without_cr(raw));
        const SourceLocation where{name, number, 1};
        if (is_comment(line)) continue;
        const auto words = split_words(line);
        if (words[0] == seed_word) {
            const auto seed = words.size() == 2 ? from_base64(words[1]) : std::nullopt;
            if (seed && !seed->empty()) {
                file.seed_ = *seed;
                file.has_seed_ = true;
                continue;
            }
        }
        // The line itself is not shown: it has secrets.
        auto entry = words[0].starts_with('%') ? std::nullopt : parse_entry(words);
        if (!entry) {
            diagnostics.error(where, "E460", "line not understood, it is left out");
        } else if (!file.index_.emplace(entry->user, file.entries_.size()).second) {
            diagnostics.error(where, "E461", "a second line for " + printable(entry->user));
        } else {
            const bool weak = std::any_of(
                entry->secrets.begin(), entry->secrets.end(),
                [](const ScramSecret& secret) { return secret.iterations < least_iterations; }
            );
            if (weak)
                diagnostics.warning(
                    where, "W460", "fewer than " + std::to_string(least_iterations) + " iterations"
                );
            file.entries_.push_back(std::move(*entry));
        }
    }
    if (!file.has_seed_) file.seed_ = text;
    file.iterations_ = most_frequent(file.entries_);
    return file;
}

const PasswordEntry* PasswordFile::find(std::string_view user) const {
    const auto found = index_.find(std::string(user));
    return found == index_.end() ? nullptr : &entries_[found->second];
}

bool is_user_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name) return false;
    if (name.front() == '!' || name.front() == '#' || name.front() == '%') return false;
    return std::none_of(name.begin(), name.end(), [](char c) { return is_control(c) || c == ' '; });
}

std::string to_line(const PasswordEntry& entry) {
    std::string line = entry.user;
    for (const ScramSecret& secret : entry.secrets) line += ' ' + to_text(secret);
    if (!entry.mail.empty()) line += ' ' + std::string(mail_word) + entry.mail;
    if (entry.disabled) line += " disabled";
    return line;
}

std::string with_entry(std::string_view text, const PasswordEntry& entry) {
    std::string out;
    bool placed = false;
    const auto lines = lines_of(text);
    if (!has_seed_line(lines))
        out += std::string(seed_word) + ' ' + to_base64(random_octets(seed_size)) + '\n';
    for (const std::string_view line : lines) {
        if (!is_line_of(line, entry.user)) {
            out.append(line) += '\n';
        } else if (!std::exchange(placed, true)) {
            out += to_line(entry) + '\n';
        }
    }
    if (!placed) out += to_line(entry) + '\n';
    return out;
}

std::string without_entry(std::string_view text, std::string_view user) {
    std::string out;
    for (const std::string_view line : lines_of(text)) {
        if (!is_line_of(line, user)) out.append(line) += '\n';
    }
    return out;
}

}  // namespace sluice::auth
