#include "access/connection_record.h"

#include <limits>

#include "base/bytes.h"

namespace sluice::access {

namespace {

std::optional<Endpoint> parse_endpoint(std::string_view address, std::string_view port) {
    const auto parsed = IpAddress::parse(address);
    const auto number = parse_unsigned(port);
    if (!parsed || !number || *number > std::numeric_limits<std::uint16_t>::max())
        return std::nullopt;
    return Endpoint{*parsed, static_cast<std::uint16_t>(*number)};
}

/// Takes the text up to the next bar off the front.
std::string_view take_field(std::string_view& rest) {
    const std::size_t bar = rest.find('|');
    const std::string_view field = rest.substr(0, bar);
    rest.remove_prefix(bar == std::string_view::npos ? rest.size() : bar + 1);
    return field;
}

}  // namespace

std::optional<std::string> to_connection_record(const Session& session) {
    if (!session.port) return std::nullopt;
    const bool lmtp = session.app.protocol == AppInfo::Protocol::lmtp;
    std::string record = port_probe(*session.port) + (lmtp ? "|LMTP|" : "|SMTP|");
    if (session.authenticated) record += 'A';
    if (session.extended) record += 'E';
    if (session.tls) record += 'T';
    // The name comes last: it is foreign text and may hold bars.
    return record + '|' + session.app.tls_info + '|' + session.app.helo;
}

std::optional<Session> parse_connection_record(std::string_view record) {
    std::string_view rest = record;
    if (take_field(rest) != "TCP") return std::nullopt;
    std::string_view fields[7];
    for (std::string_view& field : fields) field = take_field(rest);
    const auto server = parse_endpoint(fields[0], fields[1]);
    const auto client = parse_endpoint(fields[2], fields[3]);
    const bool lmtp = fields[4] == "LMTP";
    if (!server || !client || (!lmtp && fields[4] != "SMTP")) return std::nullopt;
    Session session;
    session.port = PortInfo{*server, *client};
    session.app.protocol = lmtp ? AppInfo::Protocol::lmtp : AppInfo::Protocol::smtp;
    session.app.tls_info = fields[6];
    session.app.helo = rest;
    const auto has = [&](char flag) { return fields[5].find(flag) != std::string_view::npos; };
    session.authenticated = has('A');
    session.extended = has('E');
    session.tls = has('T');
    return session;
}

}  // namespace sluice::access
