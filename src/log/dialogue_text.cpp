#include "log/dialogue_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"

namespace sluice::log {

namespace {

/// Nobody wants to read more of a line.
constexpr std::size_t longest_line = 1024;

bool matches(std::string_view word, const IpAddress& peer) {
    const std::size_t slash = word.find('/');
    const auto address = IpAddress::parse(word.substr(0, slash));
    if (!address) return false;
    if (slash == std::string_view::npos) return *address == peer;
    const auto bits = parse_unsigned(word.substr(slash + 1));
    return bits && *bits <= address->bit_count() &&
           peer.matches_prefix(*address, static_cast<unsigned>(*bits));
}

bool is_auth(std::string_view line) {
    const auto words = split_words(line);
    return !words.empty() && equals_ignoring_case(words[0], "AUTH");
}

/// Whether it begins with a command of RFC 5321 or of an extension.
bool is_command(std::string_view line) {
    static constexpr std::array<std::string_view, 15> verbs{
        "EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT",    "RSET",
        "NOOP", "QUIT", "HELP", "VRFY", "EXPN", "ETRN", "STARTTLS"};
    const auto words = split_words(line);
    return !words.empty() && std::any_of(verbs.begin(), verbs.end(), [&](std::string_view verb) {
        return equals_ignoring_case(words[0], verb);
    });
}

}  // namespace

std::string dialogue_line(std::string_view line) {
    if (is_auth(line)) {
        const auto words = split_words(line);
        const bool has_more = words.size() > 2;
        std::string shown(words[0]);
        if (words.size() > 1) shown += ' ' + std::string(words[1]);
        return (has_more ? shown + " ..." : shown).substr(0, longest_line);
    }
    if (line.size() <= longest_line) return std::string(line);
    return std::string(line.substr(0, longest_line)) + "...";
}

bool DialogueMask::in_authentication() const {
    return std::find(awaited_.begin(), awaited_.end(), true) != awaited_.end();
}

std::string DialogueMask::client_line(std::string_view line) {
    if (in_authentication()) {
        // What was sent behind AUTH without waiting may be a response or a command.
        if (!std::exchange(challenged_, false)) awaited_.push_back(false);
        hides_ = true;
        return "...";
    }
    const bool auth = is_auth(line);
    awaited_.push_back(auth);
    if (is_command(line)) after_auth_ = false;
    hides_ = auth || after_auth_;
    return after_auth_ && !auth ? "..." : dialogue_line(line);
}

std::string DialogueMask::server_line(std::string_view line) {
    const std::string_view code = line.substr(0, 3);
    if (code == "334") {
        if (!in_authentication()) awaited_.push_front(true);
        challenged_ = true;
        return line.size() > 4 ? "334 ..." : std::string(line);
    }
    const bool goes_on = line.size() > 3 && line[3] == '-';
    // 354 is no last word: the reply to the command comes behind the message.
    if (!goes_on && code != "354" && !awaited_.empty()) {
        after_auth_ = awaited_.front() ? !code.starts_with('2') : after_auth_;
        awaited_.pop_front();
    }
    return dialogue_line(line);
}

bool is_debug_peer(std::string_view option, const IpAddress& peer) {
    for (const std::string_view part : split(option, ',')) {
        for (const std::string_view word : split_words(part)) {
            if (matches(word, peer)) return true;
        }
    }
    return false;
}

}  // namespace sluice::log
