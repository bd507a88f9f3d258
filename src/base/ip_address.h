#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// An IPv4 or IPv6 address. IPv4 is held in the first four octets. A plain value.
class IpAddress {
public:
    /// Dotted IPv4 or RFC 4291 IPv6 text without brackets or zone; nullopt on anything else.
    static std::optional<IpAddress> parse(std::string_view text);
    static IpAddress v4(std::array<std::uint8_t, 4> octets);
    static IpAddress v6(std::array<std::uint8_t, 16> octets);

    [[nodiscard]] bool is_v4() const { return v4_; }
    [[nodiscard]] bool is_v6() const { return !v4_; }
    [[nodiscard]] const std::array<std::uint8_t, 16>& octets() const { return octets_; }
    [[nodiscard]] unsigned bit_count() const { return v4_ ? 32 : 128; }
    /// Whether the first `bits` bits equal those of `other`; false across families.
    [[nodiscard]] bool matches_prefix(const IpAddress& other, unsigned bits) const;
    [[nodiscard]] bool is_loopback() const;
    [[nodiscard]] std::string to_string() const;

    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

private:
    bool v4_ = true;
    std::array<std::uint8_t, 16> octets_{};
};

/// An address and a TCP port in host byte order.
struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;
    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace sluice
