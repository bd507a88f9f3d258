#include "milter/endpoint.h"

#include "base/bytes.h"

namespace sluice::milter {

namespace {

std::string_view without_square_brackets(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        return host.substr(1, host.size() - 2);
    return host;
}

std::optional<Endpoint> inet_endpoint(Endpoint::Family family, std::string_view text) {
    std::string_view host;
    std::string_view port;
    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        port = text.substr(0, at);
        host = text.substr(at + 1);
    } else {
        const std::size_t colon = text.rfind(':');
        if (colon == std::string_view::npos) return std::nullopt;
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    host = without_square_brackets(host);
    const auto number = parse_unsigned(port);
    if (host.empty() || !number || *number == 0 || *number > 65535) return std::nullopt;
    return Endpoint{family, std::string(host), static_cast<std::uint16_t>(*number)};
}

}  // namespace

std::string Endpoint::to_string() const {
    switch (family) {
        case Family::unix_socket:
            return "unix:" + host;
        case Family::inet6:
            return "inet6:[" + host + "]:" + std::to_string(port);
        case Family::inet:
        case Family::any_inet:
            break;
    }
    return "inet:" + host + ':' + std::to_string(port);
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
    using Family = Endpoint::Family;
    text = trim(text);
    const auto after = [&](std::string_view prefix) { return text.substr(prefix.size()); };
    std::string_view path;
    if (text.starts_with('/')) path = text;
    for (const std::string_view prefix : {"unix:", "local:"}) {
        if (starts_with_ignoring_case(text, prefix)) path = after(prefix);
    }
    if (!path.empty()) {
        constexpr std::size_t longest_path = 107;  // sockaddr_un
        if (!path.starts_with('/') || path.size() > longest_path) return std::nullopt;
        return Endpoint{Family::unix_socket, std::string(path), 0};
    }
    if (starts_with_ignoring_case(text, "inet6:"))
        return inet_endpoint(Family::inet6, after("inet6:"));
    if (starts_with_ignoring_case(text, "inet:"))
        return inet_endpoint(Family::inet, after("inet:"));
    return std::nullopt;
}

}  // namespace sluice::milter
