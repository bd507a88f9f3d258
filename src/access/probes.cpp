#include "access/probes.h"

#include <algorithm>
#include <cassert>

namespace sluice::access {

namespace {

/// Bits of ACCESS_ORCPT and ACCESS_COUNTS (bit 0: all four tables) and of INCLUDE_CONVERSIONTAG.
struct TableBits {
    unsigned own = 0;
    unsigned conversion_tag = 0;
};

TableBits bits_of(AccessTable table) {
    switch (table) {
        case AccessTable::orig_send_access:
            return {2, 8};
        case AccessTable::send_access:
            return {4, 16};
        case AccessTable::orig_mail_access:
            return {8, 32};
        case AccessTable::mail_access:
            return {16, 64};
        case AccessTable::port_access:
        case AccessTable::from_access:
            break;
    }
    return {};
}

/// ::ffff:192.0.2.1 is the host 192.0.2.1 that reached a socket for both families.
IpAddress plain(const IpAddress& address) {
    static const IpAddress mapped = *IpAddress::parse("::ffff:0.0.0.0");
    constexpr unsigned mapped_prefix = 96;
    if (!address.matches_prefix(mapped, mapped_prefix)) return address;
    const auto& octets = address.octets();
    return IpAddress::v4({octets[12], octets[13], octets[14], octets[15]});
}

std::string end_of(const Endpoint& endpoint) {
    return plain(endpoint.address).to_string() + '|' + std::to_string(endpoint.port);
}

std::string original_recipient(const Recipient& recipient) {
    if (!recipient.original_recipient.empty()) return recipient.original_recipient;
    return "rfc822;" + recipient.given;
}

std::string listed(const std::vector<std::string>& tags) {
    std::string text;
    for (const auto& tag : tags) {
        if (!text.empty()) text += ',';
        text += tag;
    }
    return text;
}

/// The optional fields behind the recipient, in their order.
std::string extra_fields(AccessTable table, const Recipient& recipient, const Options& options) {
    const TableBits bits = bits_of(table);
    std::string fields;
    if ((options.access_orcpt & (1U | bits.own)) != 0) {
        fields += '|' + guarded(original_recipient(recipient), options);
    }
    if ((options.access_counts & (1U | bits.own)) != 0) {
        fields += '|' + std::to_string(recipient.recipient_count) + '/' +
                  std::to_string(recipient.total_recipient_count) + '/';
    }
    if ((options.include_conversiontag & bits.conversion_tag) != 0) {
        fields += '|' + listed(recipient.conversion_tags);
    }
    return fields;
}

}  // namespace

std::string_view table_name(AccessTable table) {
    switch (table) {
        case AccessTable::port_access:
            return "PORT_ACCESS";
        case AccessTable::from_access:
            return "FROM_ACCESS";
        case AccessTable::orig_send_access:
            return "ORIG_SEND_ACCESS";
        case AccessTable::send_access:
            return "SEND_ACCESS";
        case AccessTable::orig_mail_access:
            return "ORIG_MAIL_ACCESS";
        case AccessTable::mail_access:
            return "MAIL_ACCESS";
    }
    return {};
}

std::string guarded(std::string_view text, const Options& options) {
    std::string result(text);
    if (options.mapping_paranoia) {
        std::replace(result.begin(), result.end(), '|', *options.mapping_paranoia);
    }
    return result;
}

std::string port_info(const std::optional<PortInfo>& port) {
    return port ? port_probe(*port) : std::string();
}

std::string port_probe(const PortInfo& port) {
    return "TCP|" + end_of(port.server) + '|' + end_of(port.client);
}

std::string app_info(const AppInfo& app, const Options& options) {
    if (app.protocol == AppInfo::Protocol::none) return {};
    std::string text = app.protocol == AppInfo::Protocol::lmtp ? "LMTP" : "SMTP";
    if (!app.helo.empty() || !app.tls_info.empty()) text += '/' + guarded(app.helo, options);
    if (!app.tls_info.empty()) text += '/' + guarded(app.tls_info, options);
    return text;
}

std::string connection_prefix(const Session& session, const Options& options) {
    return port_info(session.port) + '|' + app_info(session.app, options) + '|';
}

std::string list_prefix(ListTable table, const Session& session, const Options& options) {
    const bool asked_for = (options.include_connectioninfo & static_cast<unsigned>(table)) != 0;
    return asked_for ? connection_prefix(session, options) : std::string();
}

std::string from_probe(const Session& session, const Sender& sender, const Options& options) {
    return connection_prefix(session, options) + sender.submit_type + '|' + sender.source_channel +
           '|' + guarded(sender.address, options) + '|' +
           guarded(sender.authenticated_from, options);
}

std::string recipient_probe(
    AccessTable table,
    const Session& session,
    const Sender& sender,
    const Recipient& recipient,
    const Options& options
) {
    assert(bits_of(table).own != 0);
    std::string probe;
    if (table == AccessTable::orig_mail_access || table == AccessTable::mail_access) {
        probe = connection_prefix(session, options) + sender.submit_type + '|';
    }
    return probe + sender.source_channel + '|' + guarded(sender.address, options) + '|' +
           recipient.destination_channel + '|' + guarded(recipient.address, options) +
           extra_fields(table, recipient, options);
}

mapping::InputFlags from_flags(const Session& session) {
    mapping::InputFlags flags;
    if (session.authenticated) flags.set('A');
    if (session.tls) flags.set('T');
    return flags;
}

mapping::InputFlags recipient_flags(const Session& session, const Recipient& recipient) {
    mapping::InputFlags flags = from_flags(session);
    const bool lmtp = session.app.protocol == AppInfo::Protocol::lmtp;
    if (session.extended && !lmtp) flags.set('E');
    if (lmtp) flags.set('L');
    if (recipient.notify_success) flags.set('S');
    if (recipient.notify_delay) flags.set('D');
    if (recipient.notify_failure) flags.set('F');
    return flags;
}

}  // namespace sluice::access
