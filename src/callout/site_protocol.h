#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a program and its callout_host say to each other, one packet for each question and one for
// its answer (docs/formats/callout-host.md).
namespace sluice::callout {

/// Octets of the buffers that a site routine gets.
constexpr std::size_t site_buffer_size = 1024;
/// Octets of the path of a library, and of a name in it.
constexpr std::size_t most_name_octets = 1000;
constexpr std::size_t most_packet_octets = 8192;
/// The descriptor on which callout_host finds its end of the socket pair.
constexpr int host_channel_fd = 3;

struct SiteCall {
    std::string library;  ///< path
    std::string routine;
    std::string argument;
};

struct SiteReply {
    enum class Kind : std::uint8_t {
        success,   ///< `text` is the result
        failure,   ///< the routine says so
        unusable,  ///< there is no such library or routine, or it misbehaved; `text` says how
    };
    Kind kind = Kind::unusable;
    std::string text;
};

std::string encode_call(const SiteCall& call);
std::optional<SiteCall> decode_call(std::string_view packet);
std::string encode_reply(const SiteReply& reply);
std::optional<SiteReply> decode_reply(std::string_view packet);

}  // namespace sluice::callout
