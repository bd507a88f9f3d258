#include "utility/json_line.h"

#include <cstdio>

#include "utility/printable.h"

namespace sluice::utility {

namespace {

std::string quoted_plain(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

// After printable_text() only the quotation mark and the backslash need escaping.
std::string quoted(std::string_view text) {
    return quoted_plain(printable_text(text));
}

}  // namespace

void JsonLine::begin(std::string_view key) {
    if (!members_.empty()) members_ += ',';
    members_ += quoted(key) + ':';
}

JsonLine& JsonLine::add(std::string_view key, std::string_view text) {
    begin(key);
    members_ += quoted(text);
    return *this;
}

JsonLine& JsonLine::add_plain(std::string_view key, std::string_view text) {
    begin(key);
    members_ += quoted_plain(text);
    return *this;
}

JsonLine& JsonLine::add(std::string_view key, bool value) {
    begin(key);
    members_ += value ? "true" : "false";
    return *this;
}

JsonLine& JsonLine::add(std::string_view key, std::int64_t value) {
    begin(key);
    members_ += std::to_string(value);
    return *this;
}

JsonLine& JsonLine::add(std::string_view key, std::uint64_t value) {
    begin(key);
    members_ += std::to_string(value);
    return *this;
}

JsonLine& JsonLine::add(std::string_view key, WallTime time) {
    return add(key, rfc3339(time));
}

JsonLine& JsonLine::add(std::string_view key, std::span<const std::string> texts) {
    begin(key);
    members_ += '[';
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) members_ += ',';
        members_ += quoted(texts[i]);
    }
    members_ += ']';
    return *this;
}

JsonLine& JsonLine::add(std::string_view key, std::span<const JsonLine> objects) {
    begin(key);
    members_ += '[';
    for (std::size_t i = 0; i < objects.size(); ++i) {
        if (i > 0) members_ += ',';
        members_ += objects[i].to_string();
    }
    members_ += ']';
    return *this;
}

JsonLine& JsonLine::add_number(std::string_view key, std::string_view digits) {
    begin(key);
    members_ += digits;
    return *this;
}

JsonLine& JsonLine::add_null(std::string_view key) {
    begin(key);
    members_ += "null";
    return *this;
}

JsonLine& JsonLine::add(std::string_view key, const JsonLine& object) {
    begin(key);
    members_ += object.to_string();
    return *this;
}

std::string rfc3339(WallTime time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{floor<milliseconds>(time - day)};
    char text[64];
    std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count())
    );
    return text;
}

}  // namespace sluice::utility
