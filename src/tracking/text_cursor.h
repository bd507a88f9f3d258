#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace sluice::tracking {

/// Reads a line from left to right; what does not fit leaves it where it was. Borrows the text.
class TextCursor {
public:
    explicit TextCursor(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return text_.empty(); }
    [[nodiscard]] std::string_view rest() const { return text_; }
    [[nodiscard]] char peek() const { return text_.empty() ? '\0' : text_.front(); }

    bool take(std::string_view literal) {
        if (!text_.starts_with(literal)) return false;
        text_.remove_prefix(literal.size());
        return true;
    }
    /// Up to the separator, which is dropped; everything where there is none.
    std::string_view until(char separator) {
        const std::size_t end = text_.find(separator);
        const std::string_view out = text_.substr(0, end);
        text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
        return out;
    }
    /// Up to the separator, which is dropped; nullopt where there is none.
    std::optional<std::string_view> up_to(std::string_view separator) {
        const std::size_t end = text_.find(separator);
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view out = text_.substr(0, end);
        text_.remove_prefix(end + separator.size());
        return out;
    }
    std::string_view word() { return until(' '); }
    /// One or more digits.
    std::optional<std::string_view> digits(std::size_t most = 20) {
        std::size_t size = 0;
        while (size < text_.size() && size < most && is_digit(text_[size])) ++size;
        if (size == 0) return std::nullopt;
        return take_front(size);
    }
    /// Exactly `size` digits as a number.
    std::optional<unsigned> number(std::size_t size) {
        if (text_.size() < size) return std::nullopt;
        unsigned value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            if (!is_digit(text_[i])) return std::nullopt;
            value = value * 10 + static_cast<unsigned>(text_[i] - '0');
        }
        text_.remove_prefix(size);
        return value;
    }
    void skip_blanks() {
        while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
    }
    std::string_view take_front(std::size_t size) {
        const std::string_view out = text_.substr(0, size);
        text_.remove_prefix(out.size());
        return out;
    }
    std::string_view take_rest() { return take_front(text_.size()); }

private:
    std::string_view text_;
};

}  // namespace sluice::tracking
