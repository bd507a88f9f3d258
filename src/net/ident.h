#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"

// The identification protocol: who owns the other end of a TCP connection, by the word of the other
// system (RFC 1413). Text only; whoever uses it moves the octets.
namespace sluice::net {

inline constexpr std::uint16_t ident_port = 113;
/// RFC 1413 section 4 allows an answer of 1000 octets.
inline constexpr std::size_t longest_ident_reply = 1000;

/// The question about the connection between `local`, ours, and `remote`, with its line end.
[[nodiscard]] std::string ident_question(const Endpoint& local, const Endpoint& remote);

/// The user in an answer, whatever its system; nullopt for an error, another connection's answer
/// and everything that is none. Controls and blanks at its ends are removed; at most 64 octets.
[[nodiscard]] std::optional<std::string> parse_ident_reply(
    std::string_view reply, const Endpoint& local, const Endpoint& remote
);

}  // namespace sluice::net
