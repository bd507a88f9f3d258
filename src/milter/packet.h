#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milter/protocol.h"

// Packets as octets, in both directions. Pure.
namespace sluice::milter {

/// Appends length, command and data.
void append_packet(std::string& out, char code, std::string_view data);
void append_uint32(std::string& out, std::uint32_t value);
void append_uint16(std::string& out, std::uint16_t value);
/// A text with the NUL that ends it. A NUL inside would end it early: it becomes a blank.
void append_text(std::string& out, std::string_view text);

/// One packet; `data` is a view into what the reader holds.
struct Packet {
    char code = 0;
    std::string_view data;
};

/// Cuts a stream of octets into packets.
class PacketReader {
public:
    void feed(std::string_view octets);
    /// The next whole packet, valid until the next call; nullopt: more octets are needed.
    std::optional<Packet> next();
    /// A packet of no octets, or of more than packet_limit: the stream means nothing any more.
    [[nodiscard]] bool is_broken() const { return broken_; }

private:
    std::string buffer_;
    std::size_t used_ = 0;
    bool broken_ = false;
};

/// Takes the parts of a packet's data one by one.
class DataReader {
public:
    explicit DataReader(std::string_view data) : rest_(data) {}
    std::optional<std::uint32_t> uint32();
    /// The text up to its NUL. A last text may go without: old filters forget it.
    std::optional<std::string_view> text();
    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

}  // namespace sluice::milter
