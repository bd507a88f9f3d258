#include "service_log/line.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"

namespace sluice::service_log {

namespace {

constexpr std::array<std::string_view, 8> level_names{
    "Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Information", "Debug"};
constexpr std::array<std::string_view, 7> category_names{
    "General", "LDAP", "Network", "Account", "Protocol", "Statistics", "Store"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <class Value, std::size_t Size>
std::optional<Value> parse_name(
    std::string_view text, const std::array<std::string_view, Size>& names
) {
    for (std::size_t i = 0; i < Size; ++i) {
        if (equals_ignoring_case(text, names[i])) return static_cast<Value>(i);
    }
    return std::nullopt;
}

std::string time_text(WallTime time, const TimeZone& zone) {
    const CivilTime local = civil_time(time, zone);
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(local.offset).count();
    const auto east = static_cast<int>(std::abs(minutes));
    std::array<char, 64> text{};
    std::snprintf(
        text.data(), text.size(), "[%02u/%s/%04d:%02u:%02u:%02u %c%02d%02d]", local.day,
        months[local.month - 1].data(), local.year, local.hour, local.minute, local.second,
        minutes < 0 ? '-' : '+', east / 60 % 100, east % 60
    );
    return text.data();
}

/// A word of a line: no blank may end it early, and no bracket may be taken for that of the pid.
std::string plain_word(std::string_view text) {
    std::string out;
    for (const char c : plain_text(text)) {
        const bool breaks = c == ' ' || c == '[' || c == ']' || c == ':';
        out += breaks ? '_' : c;
    }
    return out.empty() ? "-" : out;
}

}  // namespace

std::string_view name_of(Level level) {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<Level> parse_level(std::string_view text) {
    return parse_name<Level>(text, level_names);
}

int syslog_level(Level level) {
    return static_cast<int>(level);
}

std::string_view name_of(Category category) {
    return category_names[static_cast<std::size_t>(category)];
}

std::optional<Category> parse_category(std::string_view text) {
    return parse_name<Category>(text, category_names);
}

std::string plain_text(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (!is_control(c) && byte < 0x80) {
            out += c;
            continue;
        }
        out += "\\x";
        out += digits[byte >> 4U];
        out += digits[byte & 0xFU];
    }
    return out;
}

std::string format_event(const Line& line) {
    std::string text(name_of(line.category));
    text += ' ';
    text += name_of(line.level);
    text += ": ";
    text += plain_text(line.message);
    return text;
}

std::string format_line(const Line& line, const TimeZone& zone) {
    return time_text(line.time, zone) + ' ' + plain_word(line.host) + ' ' +
           plain_word(line.process) + '[' + std::to_string(line.pid) + "]: " + format_event(line) +
           '\n';
}

}  // namespace sluice::service_log
