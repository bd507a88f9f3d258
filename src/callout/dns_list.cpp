#include "callout/dns_list.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::callout {

std::string name_on_list(const IpAddress& address, std::string_view list) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto& octets = address.octets();
    std::string name;
    for (std::size_t i = address.is_v4() ? 4 : 16; i-- > 0;) {
        if (address.is_v4()) {
            name += std::to_string(octets[i]) + '.';
        } else {
            name += {digits[octets[i] & 15U], '.', digits[octets[i] >> 4U], '.'};
        }
    }
    return name + std::string(list);
}

bool says_listed(const net::DnsAnswer<IpAddress>& answer) {
    return std::any_of(answer.records.begin(), answer.records.end(), [](const IpAddress& address) {
        return address.is_v4() && address.octets()[0] == 127;
    });
}

std::optional<std::string> listing(
    net::Resolver& resolver, const IpAddress& address, std::string_view list
) {
    const std::string name = name_on_list(address, list);
    if (!says_listed(resolver.resolve_addresses(name))) return std::nullopt;
    const auto texts = resolver.resolve_texts(name);
    if (!texts.records.empty()) return texts.records.front();
    return address.to_string() + " is listed by " + std::string(list);
}

std::string reply_text(std::string_view text) {
    constexpr std::size_t longest = 400;
    std::string out(text.substr(0, longest));
    std::replace_if(out.begin(), out.end(), is_control, ' ');
    return out;
}

}  // namespace sluice::callout
