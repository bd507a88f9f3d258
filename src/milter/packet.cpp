#include "milter/packet.h"

#include <algorithm>

namespace sluice::milter {

namespace {

constexpr std::size_t length_octets = 4;

std::uint32_t read_uint32(std::string_view octets) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < length_octets; ++i)
        value = value << 8U | static_cast<unsigned char>(octets[i]);
    return value;
}

}  // namespace

void append_uint32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFFU);
}

void append_uint16(std::string& out, std::uint16_t value) {
    out += static_cast<char>(value >> 8U);
    out += static_cast<char>(value & 0xFFU);
}

void append_text(std::string& out, std::string_view text) {
    const std::size_t begin = out.size();
    out += text;
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), '\0', ' ');
    out += '\0';
}

void append_packet(std::string& out, char code, std::string_view data) {
    append_uint32(out, static_cast<std::uint32_t>(data.size() + 1));
    out += code;
    out += data;
}

void PacketReader::feed(std::string_view octets) {
    if (broken_) return;
    buffer_.erase(0, used_);
    used_ = 0;
    buffer_ += octets;
}

std::optional<Packet> PacketReader::next() {
    const std::string_view rest = std::string_view(buffer_).substr(used_);
    if (broken_ || rest.size() < length_octets) return std::nullopt;
    const std::uint32_t length = read_uint32(rest);
    if (length == 0 || length > packet_limit) {
        broken_ = true;
        return std::nullopt;
    }
    if (rest.size() - length_octets < length) return std::nullopt;
    used_ += length_octets + length;
    return Packet{rest[length_octets], rest.substr(length_octets + 1, length - 1)};
}

std::optional<std::uint32_t> DataReader::uint32() {
    if (rest_.size() < length_octets) return std::nullopt;
    const std::uint32_t value = read_uint32(rest_);
    rest_.remove_prefix(length_octets);
    return value;
}

std::optional<std::string_view> DataReader::text() {
    if (rest_.empty()) return std::nullopt;
    const std::string_view text = rest_.substr(0, rest_.find('\0'));
    rest_.remove_prefix(std::min(rest_.size(), text.size() + 1));
    return text;
}

}  // namespace sluice::milter
