#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "message/transfer_work.h"

// RFC 2045 section 6.8.
namespace sluice::message {

namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t octets_per_line = 57;  // 76 characters

constexpr std::uint8_t padding = 64;
constexpr std::uint8_t blank = 65;
constexpr std::uint8_t foreign = 66;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    for (std::uint8_t& value : values) value = foreign;
    for (std::size_t i = 0; i < digits.size(); ++i)
        values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
    values['='] = padding;
    for (const char c : {' ', '\t', '\r', '\n'}) values[static_cast<unsigned char>(c)] = blank;
    return values;
}
constexpr std::array<std::uint8_t, 256> value_of = make_values();

char octet(std::uint32_t value) {
    return static_cast<char>(value & 0xFFU);
}

class Base64Decoder : public TransferDecoder::Work {
public:
    void decode(std::string_view bytes, std::string& out) override {
        for (std::size_t i = 0; i < bytes.size();) {
            if (count_ == 0) {
                i += take_quanta(bytes.substr(i), out);
                if (i == bytes.size()) return;
            }
            const std::uint8_t value = value_of[static_cast<unsigned char>(bytes[i++])];
            if (value < padding) {
                take(value, out);
            } else if (value == padding) {
                end_quantum(out);
            } else if (value == foreign) {
                damaged = true;
            }
        }
    }
    void finish(std::string& out) override {
        if (count_ > 0) damaged = true;
        end_quantum(out);
    }

private:
    // Whole groups of four digits in a row, as most of a body is. Returns the octets used.
    std::size_t take_quanta(std::string_view bytes, std::string& out) {
        std::array<char, 3UL * 128> decoded{};
        std::size_t used = 0;
        std::size_t size = 0;
        for (; used + 4 <= bytes.size(); used += 4) {
            const auto value = [&](std::size_t k) {
                return value_of[static_cast<unsigned char>(bytes[used + k])];
            };
            const std::uint32_t a = value(0), b = value(1), c = value(2), d = value(3);
            if ((a | b | c | d) >= padding) break;
            if (size == decoded.size()) out.append(decoded.data(), std::exchange(size, 0));
            const std::uint32_t bits = a << 18U | b << 12U | c << 6U | d;
            decoded[size++] = octet(bits >> 16U);
            decoded[size++] = octet(bits >> 8U);
            decoded[size++] = octet(bits);
        }
        if (used > 0) damaged = damaged || padded_;
        out.append(decoded.data(), size);
        return used;
    }

    void take(std::uint8_t value, std::string& out) {
        damaged = damaged || padded_;
        bits_ = (bits_ << 6U) | value;
        if (++count_ < 4) return;
        out += octet(bits_ >> 16U);
        out += octet(bits_ >> 8U);
        out += octet(bits_);
        count_ = 0;
        bits_ = 0;
    }
    // "QQ==" gives one octet at its first "=", "QUI=" two; the second "=" finds nothing to do.
    void end_quantum(std::string& out) {
        padded_ = true;
        if (count_ == 1) damaged = true;
        if (count_ >= 2) out += octet(bits_ >> (count_ == 2 ? 4U : 10U));
        if (count_ == 3) out += octet(bits_ >> 2U);
        count_ = 0;
        bits_ = 0;
    }

    std::uint32_t bits_ = 0;
    unsigned count_ = 0;
    bool padded_ = false;
};

class Base64Encoder : public TransferEncoder::Work {
public:
    void encode(std::string_view bytes, std::string& out) override {
        if (!line_.empty()) {
            const std::size_t taken = std::min(octets_per_line - line_.size(), bytes.size());
            line_ += bytes.substr(0, taken);
            bytes.remove_prefix(taken);
            if (line_.size() < octets_per_line) return;
            write_line(line_, out);
            line_.clear();
        }
        while (bytes.size() >= octets_per_line) {
            write_line(bytes.substr(0, octets_per_line), out);
            bytes.remove_prefix(octets_per_line);
        }
        line_ = bytes;
    }
    void finish(std::string& out) override {
        if (!line_.empty()) write_line(line_, out);
        line_.clear();
    }

private:
    // The line end stands between lines: what follows the body is not known here.
    void write_line(std::string_view line, std::string& out) {
        if (std::exchange(has_line_, true)) out += "\r\n";
        std::array<char, octets_per_line / 3 * 4> encoded{};
        std::size_t size = 0;
        const auto at = [&](std::size_t i) {
            return i < line.size() ? static_cast<unsigned char>(line[i]) : 0U;
        };
        for (std::size_t i = 0; i < line.size(); i += 3) {
            const std::uint32_t group = (at(i) << 16U) | (at(i + 1) << 8U) | at(i + 2);
            for (std::uint32_t shift = 24; shift > 0; shift -= 6)
                encoded[size++] = digits[(group >> (shift - 6)) & 63U];
        }
        for (std::size_t missing = (3 - line.size() % 3) % 3; missing > 0; --missing)
            encoded[size - missing] = '=';
        out.append(encoded.data(), size);
    }

    std::string line_;
    bool has_line_ = false;
};

}  // namespace

std::unique_ptr<TransferDecoder::Work> make_base64_decoder() {
    return std::make_unique<Base64Decoder>();
}

std::unique_ptr<TransferEncoder::Work> make_base64_encoder() {
    return std::make_unique<Base64Encoder>();
}

}  // namespace sluice::message
