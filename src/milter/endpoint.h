#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::milter {

/// Where a filter listens. A plain value.
struct Endpoint {
    enum class Family : std::uint8_t { any_inet, inet, inet6, unix_socket };
    Family family = Family::any_inet;
    std::string host;  ///< name or address; of a unix socket: its path
    std::uint16_t port = 0;

    [[nodiscard]] bool is_unix() const { return family == Family::unix_socket; }
    /// As Postfix spells it.
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// An address as Postfix spells it ("inet:host:port", "unix:/path") or as sendmail does
/// ("inet:port@host", "inet6:port@host", "local:/path", "/path"). nullopt: neither.
std::optional<Endpoint> parse_endpoint(std::string_view text);

}  // namespace sluice::milter
