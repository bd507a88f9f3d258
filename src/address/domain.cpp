#include "address/domain.h"

#include "base/bytes.h"

namespace sluice::address {

namespace {

std::string_view without_final_dot(std::string_view name) {
    if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
    return name;
}

}  // namespace

bool is_literal(std::string_view domain) {
    return domain.size() >= 2 && domain.front() == '[' && domain.back() == ']';
}

std::optional<IpAddress> literal_address(std::string_view domain) {
    constexpr std::string_view ipv6_tag = "IPv6:";
    if (!is_literal(domain)) return std::nullopt;
    std::string_view inside = domain.substr(1, domain.size() - 2);
    const bool tagged = starts_with_ignoring_case(inside, ipv6_tag);
    if (tagged) inside.remove_prefix(ipv6_tag.size());
    auto address = IpAddress::parse(inside);
    if (address && address->is_v6() != tagged) return std::nullopt;
    return address;
}

bool same_domain(std::string_view a, std::string_view b) {
    if (equals_ignoring_case(without_final_dot(a), without_final_dot(b))) return true;
    const auto left = literal_address(a);
    return left && left == literal_address(b);
}

}  // namespace sluice::address
