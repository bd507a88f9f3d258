#include "address/address_form.h"

#include <algorithm>

#include "address/domain.h"

namespace sluice::address {

namespace {

constexpr auto npos = std::string_view::npos;

/// Something joined to a local part: inside its quotation marks where it has them.
std::string join(std::string_view before, std::string_view local_part, std::string_view after) {
    const bool quoted =
        local_part.size() >= 2 && local_part.front() == '"' && local_part.back() == '"';
    if (!quoted) return std::string(before) + std::string(local_part) + std::string(after);
    local_part.remove_prefix(1);
    local_part.remove_suffix(1);
    return '"' + std::string(before) + std::string(local_part) + std::string(after) + '"';
}

std::string percent_form(const RoutedAddress& parts) {
    if (parts.route.empty()) return std::string(parts.rest);
    const std::size_t at = find_at(parts.rest);
    if (at == npos) return std::string(parts.rest) + '@' + std::string(parts.route.front());
    std::string hosts = '%' + std::string(parts.rest.substr(at + 1));
    for (std::size_t i = parts.route.size(); i-- > 1;) hosts += '%' + std::string(parts.route[i]);
    return join({}, parts.rest.substr(0, at), hosts) + '@' + std::string(parts.route.front());
}

std::string bang_form(const RoutedAddress& parts) {
    std::string hosts;
    for (const std::string_view host : parts.route) hosts += std::string(host) + '!';
    const std::size_t at = find_at(parts.rest);
    if (at != npos) hosts += std::string(parts.rest.substr(at + 1)) + '!';
    return join(hosts, parts.rest.substr(0, at), {});
}

}  // namespace

std::size_t find_at(std::string_view address) {
    bool quoted = false;
    std::size_t found = npos;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (address[i] == '\\' && quoted) {
            ++i;
        } else if (address[i] == '"') {
            quoted = !quoted;
        } else if (address[i] == '@' && !quoted) {
            found = i;
        }
    }
    return found;
}

// A route ends at its colon; the colons of an IPv6 literal do not count.
RoutedAddress split_route(std::string_view address) {
    RoutedAddress parts;
    std::string_view rest = address;
    while (!rest.empty() && rest.front() == '@') {
        const std::size_t from = rest.starts_with("@[") ? rest.find(']') : 1;
        const std::size_t end = from == npos ? npos : rest.find_first_of(",:", from);
        if (end == npos) return {{}, address};
        parts.route.push_back(rest.substr(1, end - 1));
        const bool last = rest[end] == ':';
        rest.remove_prefix(end + 1);
        if (last) return {std::move(parts.route), rest};
    }
    return {{}, address};
}

std::string write_in_form(std::string_view address, AddressForm form) {
    if (form == AddressForm::source_route) return std::string(address);
    const RoutedAddress parts = split_route(address);
    return form == AddressForm::percent ? percent_form(parts) : bang_form(parts);
}

std::string_view without_route(std::string_view address) {
    return split_route(address).rest;
}

std::string rename_host(std::string_view address, std::string_view host, std::string_view name) {
    const RoutedAddress parts = split_route(address);
    const auto renamed = [&](std::string_view old) { return same_domain(old, host) ? name : old; };
    std::string out;
    for (const std::string_view hop : parts.route) {
        out += (out.empty() ? "@" : ",@") + std::string(renamed(hop));
    }
    if (!out.empty()) out += ':';
    const std::size_t at = find_at(parts.rest);
    if (at == npos) return out + std::string(parts.rest);
    out += parts.rest.substr(0, at + 1);
    return out += renamed(parts.rest.substr(at + 1));
}

}  // namespace sluice::address
