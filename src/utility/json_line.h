#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice::utility {

/// Builds the one JSON object of an output line (-json): keys in snake_case and in the order they
/// were added, texts made printable as in the human output, times in UTC.
class JsonLine {
public:
    JsonLine& add(std::string_view key, std::string_view text);
    JsonLine& add(std::string_view key, const char* text) {
        return add(key, std::string_view(text));
    }
    JsonLine& add(std::string_view key, const std::string& text) {
        return add(key, std::string_view(text));
    }
    /// `text`: made printable before, so that its backslashes are not doubled.
    JsonLine& add_plain(std::string_view key, std::string_view text);
    JsonLine& add(std::string_view key, bool value);
    JsonLine& add(std::string_view key, std::int64_t value);
    JsonLine& add(std::string_view key, std::uint64_t value);
    JsonLine& add(std::string_view key, int value) {
        return add(key, static_cast<std::int64_t>(value));
    }
    /// RFC 3339 section 5.6 with milliseconds: "2026-03-02T10:11:07.204Z".
    JsonLine& add(std::string_view key, WallTime time);
    JsonLine& add(std::string_view key, std::span<const std::string> texts);
    JsonLine& add(std::string_view key, std::span<const JsonLine> objects);
    JsonLine& add_null(std::string_view key);
    /// `digits`: a number as JSON writes it.
    JsonLine& add_number(std::string_view key, std::string_view digits);
    /// A nested object.
    JsonLine& add(std::string_view key, const JsonLine& object);

    /// The object, without a line end.
    [[nodiscard]] std::string to_string() const { return '{' + members_ + '}'; }

private:
    void begin(std::string_view key);
    std::string members_;
};

/// RFC 3339, UTC, milliseconds (cut, not rounded).
std::string rfc3339(WallTime time);

}  // namespace sluice::utility
