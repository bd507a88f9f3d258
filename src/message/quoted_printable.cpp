#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "message/transfer_work.h"

// RFC 2045 section 6.7.
namespace sluice::message {

namespace {

constexpr std::size_t longest_text = 75;     // and "=" makes the 76 characters of a line
constexpr std::size_t longest_blanks = 998;  // at a line end; more are content

std::optional<unsigned> hex_value(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    const char lower = ascii_lower(c);
    if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10U;
    return std::nullopt;
}

/// Holds back what is not decided yet: blanks that may stand at a line end, and what begins with
/// "=".
class QuotedPrintableDecoder : public TransferDecoder::Work {
public:
    void decode(std::string_view bytes, std::string& out) override {
        for (std::size_t i = 0; i < bytes.size();) {
            if (held_.empty()) {
                const std::size_t special = bytes.find_first_of("= \t\r\n", i);
                const std::size_t end = std::min(special, bytes.size());
                out += bytes.substr(i, end - i);
                i = end;
                if (i == bytes.size()) return;
            }
            take(bytes[i++], out);
        }
    }
    void finish(std::string& out) override {
        const bool soft_break = held_.starts_with('=') && !is_half_escape();
        if (is_half_escape()) release(out);
        if (!soft_break && held_.ends_with('\r')) release(out);
        held_.clear();
    }

private:
    [[nodiscard]] bool is_half_escape() const {
        return held_.size() == 2 && held_[0] == '=' && hex_value(held_[1]).has_value();
    }

    void take(char c, std::string& out) {
        if (c == '\n') return end_line(out);
        if (held_.starts_with('=')) return take_escaped(c, out);
        const bool undecided = is_blank(c) || c == '\r' || c == '=';
        if (!undecided || c == '=' || held_.ends_with('\r') || held_.size() >= longest_blanks)
            out += std::exchange(held_, {});
        (undecided ? held_ : out) += c;
    }

    void take_escaped(char c, std::string& out) {
        const auto digit = hex_value(c);
        if (is_half_escape() && digit) {
            out += static_cast<char>(*hex_value(held_[1]) * 16U + *digit);
            held_.clear();
            return;
        }
        const bool at_end = is_blank(c) || c == '\r';
        const bool goes_on = held_.size() == 1
                                 ? digit || at_end
                                 : !is_half_escape() && at_end && !held_.ends_with('\r') &&
                                       held_.size() < longest_blanks;
        if (goes_on) {
            held_ += c;
            return;
        }
        release(out);
        take(c, out);
    }

    // A lonely "=" stands for itself.
    void release(std::string& out) {
        damaged = damaged || held_.starts_with('=');
        out += std::exchange(held_, {});
    }

    void end_line(std::string& out) {
        if (is_half_escape()) release(out);
        const bool soft_break = held_.starts_with('=');
        const bool with_cr = held_.ends_with('\r');
        held_.clear();
        if (!soft_break) out += with_cr ? "\r\n" : "\n";
    }

    std::string held_;
};

class QuotedPrintableEncoder : public TransferEncoder::Work {
public:
    explicit QuotedPrintableEncoder(ContentMode mode) : text_(mode == ContentMode::text) {}

    void encode(std::string_view bytes, std::string& out) override {
        for (const char c : bytes) take(c, out);
    }
    void finish(std::string& out) override { release(true, out); }

private:
    void take(char c, std::string& out) {
        if (text_ && c == '\n' && held_.ends_with('\r')) {
            held_.pop_back();
            release(true, out);
            out += "\r\n";
            column_ = 0;
            return;
        }
        // "From " at the beginning of a line is changed by mailbox files (RFC 2049 section 3).
        constexpr std::string_view separator = "From ";
        if (column_ == 0 && held_.size() < separator.size() &&
            std::string_view(separator).starts_with(held_) && c == separator[held_.size()]) {
            held_ += c;
            if (held_ != separator) return;
            held_.clear();
            write_escaped('F', out);
            for (const char plain : {'r', 'o', 'm'}) write(std::string_view(&plain, 1), out);
            held_ = " ";
            return;
        }
        if (text_ && c == '\r' && held_.size() == 1 && is_blank(held_.front())) {
            held_ += c;
            return;
        }
        release(false, out);
        if (is_blank(c) || (text_ && c == '\r')) {
            held_ = c;
        } else {
            put(c, out);
        }
    }

    // What was held back, in front of other text or of a line end, where no blank may stand.
    void release(bool at_line_end, std::string& out) {
        const std::string held = std::exchange(held_, {});
        for (std::size_t i = 0; i < held.size(); ++i) {
            const bool last_blank = at_line_end && i + 1 == held.size() && is_blank(held[i]);
            if (last_blank || held[i] == '\r') {
                write_escaped(held[i], out);
            } else {
                put(held[i], out);
            }
        }
    }

    void put(char c, std::string& out) {
        const bool printable = c > ' ' && c < 0x7f && c != '=';
        // At the beginning of a line "." disturbs SMTP, and "-" could be a boundary.
        const bool risky = column_ == 0 && (c == '.' || c == '-');
        if ((printable && !risky) || is_blank(c)) {
            write(std::string_view(&c, 1), out);
        } else {
            write_escaped(c, out);
        }
    }

    void write_escaped(char c, std::string& out) {
        constexpr std::string_view hex = "0123456789ABCDEF";
        const auto value = static_cast<unsigned char>(c);
        const std::array escaped = {'=', hex[value >> 4U], hex[value & 15U]};
        write(std::string_view(escaped.data(), escaped.size()), out);
    }

    void write(std::string_view token, std::string& out) {
        if (column_ + token.size() > longest_text) {
            out += "=\r\n";
            column_ = 0;
            // The first character of the new line may need another spelling.
            if (token == "." || token == "-" || token == "F")
                return write_escaped(token.front(), out);
        }
        out += token;
        column_ += token.size();
    }

    bool text_;
    std::string held_;  ///< a blank, a CR, both, or the beginning of "From "
    std::size_t column_ = 0;
};

}  // namespace

std::unique_ptr<TransferDecoder::Work> make_quoted_printable_decoder() {
    return std::make_unique<QuotedPrintableDecoder>();
}

std::unique_ptr<TransferEncoder::Work> make_quoted_printable_encoder(ContentMode mode) {
    return std::make_unique<QuotedPrintableEncoder>(mode);
}

}  // namespace sluice::message
