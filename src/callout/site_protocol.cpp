#include "callout/site_protocol.h"

#include <array>

namespace sluice::callout {

namespace {

constexpr std::string_view call_word = "CALL1";
constexpr std::array<char, 3> reply_letters{'S', 'F', 'U'};

/// Length in two octets, big-endian, then the text.
void put(std::string& out, std::string_view text) {
    out += static_cast<char>(text.size() >> 8U);
    out += static_cast<char>(text.size() & 0xffU);
    out += text;
}

std::optional<std::string> take(std::string_view& rest) {
    if (rest.size() < 2) return std::nullopt;
    const auto high = static_cast<unsigned char>(rest[0]);
    const auto low = static_cast<unsigned char>(rest[1]);
    const std::size_t size = static_cast<std::size_t>(high) << 8U | low;
    rest.remove_prefix(2);
    if (rest.size() < size) return std::nullopt;
    std::string text(rest.substr(0, size));
    rest.remove_prefix(size);
    return text;
}

}  // namespace

std::string encode_call(const SiteCall& call) {
    std::string packet(call_word);
    put(packet, call.library);
    put(packet, call.routine);
    put(packet, call.argument);
    return packet;
}

std::optional<SiteCall> decode_call(std::string_view packet) {
    if (!packet.starts_with(call_word)) return std::nullopt;
    packet.remove_prefix(call_word.size());
    auto library = take(packet);
    auto routine = library ? take(packet) : std::nullopt;
    auto argument = routine ? take(packet) : std::nullopt;
    if (!argument || !packet.empty()) return std::nullopt;
    return SiteCall{std::move(*library), std::move(*routine), std::move(*argument)};
}

std::string encode_reply(const SiteReply& reply) {
    return reply_letters[static_cast<std::size_t>(reply.kind)] + reply.text;
}

std::optional<SiteReply> decode_reply(std::string_view packet) {
    if (packet.empty()) return std::nullopt;
    for (std::size_t i = 0; i < reply_letters.size(); ++i) {
        if (packet.front() == reply_letters[i])
            return SiteReply{static_cast<SiteReply::Kind>(i), std::string(packet.substr(1))};
    }
    return std::nullopt;
}

}  // namespace sluice::callout
