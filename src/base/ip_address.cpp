#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace sluice {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated(text);
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    IpAddress address;
    if (::inet_pton(AF_INET, terminated.c_str(), address.octets_.data()) == 1) return address;
    address.v4_ = false;
    if (::inet_pton(AF_INET6, terminated.c_str(), address.octets_.data()) == 1) return address;
    return std::nullopt;
}

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) {
    IpAddress address;
    std::copy(octets.begin(), octets.end(), address.octets_.begin());
    return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> octets) {
    IpAddress address;
    address.v4_ = false;
    address.octets_ = octets;
    return address;
}

bool IpAddress::matches_prefix(const IpAddress& other, unsigned bits) const {
    if (v4_ != other.v4_ || bits > bit_count()) return false;
    const unsigned whole = bits / 8;
    const unsigned rest = bits % 8;
    if (!std::equal(octets_.begin(), octets_.begin() + whole, other.octets_.begin())) return false;
    return rest == 0 || ((octets_[whole] ^ other.octets_[whole]) >> (8 - rest)) == 0;
}

bool IpAddress::is_loopback() const {
    if (v4_) return octets_[0] == 127;
    static const IpAddress loopback = *parse("::1");
    return octets_ == loopback.octets_;
}

std::string IpAddress::to_string() const {
    char text[INET6_ADDRSTRLEN];
    return ::inet_ntop(v4_ ? AF_INET : AF_INET6, octets_.data(), text, sizeof text);
}

}  // namespace sluice
