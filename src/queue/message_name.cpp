#include "queue/message_name.h"

#include <algorithm>

#include "base/base36.h"
#include "base/bytes.h"

namespace sluice::queue {

namespace {

constexpr std::string_view held_suffix = "HELD";
constexpr std::string_view bad_suffix = "BAD";
/// About as long as a batch takes to collect.
constexpr std::int64_t microseconds_per_slot = 8192;

bool is_alnum_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c); });
}

bool is_suffix(std::string_view text) {
    return text == held_suffix || text == bad_suffix || (text.size() == 2 && is_alnum_text(text));
}

MessageState state_of(std::string_view suffix) {
    if (suffix == held_suffix) return MessageState::held;
    if (suffix == bad_suffix) return MessageState::bad;
    return MessageState::eligible;
}

}  // namespace

MessageState MessageNameView::state() const {
    return state_of(suffix);
}

MessageState MessageName::state() const {
    return state_of(suffix);
}

std::string format_attempts(unsigned attempts) {
    return format_base36(max_attempts - std::min(attempts, max_attempts), 2);
}

std::optional<unsigned> parse_attempts(std::string_view two_digits) {
    if (two_digits.size() != 2) return std::nullopt;
    const auto value = parse_base36(two_digits);
    if (!value) return std::nullopt;
    return max_attempts - static_cast<unsigned>(*value);
}

bool is_unique_part(std::string_view text) {
    return !text.empty() && text.size() <= max_unique_length && is_alnum_text(text);
}

std::optional<MessageNameView> parse_message_name(std::string_view file_name) {
    const std::size_t dot = file_name.find('.');
    if (dot == std::string_view::npos || dot < 3) return std::nullopt;
    const auto attempts = parse_attempts(file_name.substr(0, 2));
    const std::string_view unique = file_name.substr(2, dot - 2);
    const std::string_view suffix = file_name.substr(dot + 1);
    if (!attempts || !is_unique_part(unique) || !is_suffix(suffix)) return std::nullopt;
    return MessageNameView{*attempts, unique, suffix};
}

std::optional<MessageName> MessageName::parse(std::string_view file_name) {
    const auto view = parse_message_name(file_name);
    if (!view) return std::nullopt;
    return MessageName{view->attempts, std::string(view->unique), std::string(view->suffix)};
}

std::string MessageName::to_string() const {
    return format_attempts(attempts) + unique + '.' + suffix;
}

std::optional<WallTime> arrival_time(std::string_view unique) {
    if (unique.size() != 16 || !parse_base36(unique.substr(10))) return std::nullopt;
    const auto micros = parse_base36(unique.substr(0, 10));
    if (!micros) return std::nullopt;
    return unique_epoch + std::chrono::microseconds(*micros);
}

unsigned sub_directory_for(std::string_view unique, unsigned subdirs) {
    if (subdirs <= 1) return 0;
    const auto count = std::min(subdirs, max_subdirs);
    if (const auto arrived = arrival_time(unique)) {
        const auto slot = (*arrived - unique_epoch).count() / microseconds_per_slot;
        return static_cast<unsigned>(slot % count);
    }
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : unique) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return static_cast<unsigned>(hash % count);
}

std::string sub_directory_name(unsigned number) {
    std::string digits = std::to_string(number % 1000);
    return std::string(3 - digits.size(), '0') + digits;
}

bool is_sub_directory_name(std::string_view name) {
    return name.size() == 3 && std::all_of(name.begin(), name.end(), is_digit);
}

bool is_channel_directory_name(std::string_view name) {
    if (name.empty() || name.size() > 255 || name.front() == '.') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '$' || c == '+';
    });
}

std::string MessageLocation::directory(std::string_view root) const {
    std::string path(root);
    path.append("/").append(channel);
    if (!sub_directory.empty()) path.append("/").append(sub_directory);
    return path;
}

std::string MessageLocation::path(std::string_view root) const {
    return directory(root) + '/' + name.to_string();
}

std::string MessageLocation::relative_path() const {
    return channel + '/' + (sub_directory.empty() ? "" : sub_directory + '/') + name.to_string();
}

std::optional<MessageLocation> MessageLocation::parse(std::string_view relative_path) {
    const auto parts = split(relative_path, '/');
    if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
    auto name = MessageName::parse(parts.back());
    if (!name || !is_channel_directory_name(parts.front())) return std::nullopt;
    if (parts.size() == 3 && !is_sub_directory_name(parts[1])) return std::nullopt;
    return MessageLocation{
        std::string(parts.front()), parts.size() == 3 ? std::string(parts[1]) : std::string(),
        *std::move(name)};
}

}  // namespace sluice::queue
