#include "log/diagnostic.h"

#include <system_error>

#include "base/bytes.h"
#include "log/log_options.h"
#include "log/sanitise.h"

namespace sluice::log {

namespace {

void add_piece(std::string& out, std::string_view piece) {
    if (piece.empty()) return;
    if (!out.empty()) out += ' ';
    out += piece;
}

std::string in_parentheses(std::string_view text) {
    return text.empty() ? std::string() : '(' + std::string(text) + ')';
}

// "220 host ESMTP" -> "host ESMTP"; also without the code.
std::string_view banner_text(std::string_view banner) {
    const bool has_code = banner.size() >= 4 && is_digit(banner[0]) && is_digit(banner[1]) &&
                          is_digit(banner[2]) && (banner[3] == ' ' || banner[3] == '-');
    return trim(has_code ? banner.substr(4) : banner);
}

std::string connect_error(std::string_view reason) {
    return "TCP active open: Failed connect()    Error: " + std::string(reason);
}

std::string_view without_line_end(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string connection_text(const SourceSystem& source) {
    const bool wants_name =
        source.display == PeerDisplay::name_and_address || source.display == PeerDisplay::name_only;
    const bool wants_address = source.display == PeerDisplay::name_and_address ||
                               source.display == PeerDisplay::address_only;
    std::string peer;
    if (wants_name) peer = sanitise_word(source.reverse_name, max_host);
    if (wants_address && source.address) add_piece(peer, '[' + source.address->to_string() + ']');
    if (!source.ident.empty() && !peer.empty())
        peer.insert(0, sanitise_word(source.ident, max_ident) + "@");
    std::string out = sanitise_word(source.name, max_host);
    add_piece(out, in_parentheses(peer));
    return out;
}

void add_transport(std::string& out, const Transport& transport) {
    const auto add_end = [&](const Endpoint& endpoint) {
        out += '|';
        out += endpoint.address.to_string();
        out += '|';
        out += std::to_string(endpoint.port);
    };
    out += "TCP";
    add_end(transport.local);
    add_end(transport.remote);
}

std::string transport_text(const Transport& transport) {
    std::string out;
    add_transport(out, transport);
    return out;
}

std::string application_text(
    std::string_view protocol, std::string_view initial_host, std::string_view dns_host
) {
    std::string out = sanitise_word(protocol, max_host);
    if (initial_host.empty() && dns_host.empty()) return out;
    out += '/' + sanitise_word(initial_host, max_host);
    if (!dns_host.empty()) out += '/' + sanitise_word(dns_host, max_host);
    return out;
}

std::string client_diagnostic(const ClientStatus& status, const DiagnosticOptions& options) {
    constexpr unsigned both = connection_bit::information | connection_bit::sessions;
    const std::string transport =
        status.transport ? in_parentheses(transport_text(*status.transport)) : std::string();
    std::string out;
    if (!status.host.empty() && (options.remote_mta & 1U) == 0) {
        out = "dns;" + sanitise_word(status.host, max_host);
    }
    if (options.transport_info) add_piece(out, transport);
    if (options.banner) {
        const std::string_view banner = banner_text(without_line_end(status.banner));
        add_piece(out, in_parentheses(sanitise_text(banner, max_banner)));
    }
    if ((options.connection & both) == both) add_piece(out, transport);
    if (!status.reply.empty()) {
        add_piece(out, "smtp;" + sanitise_text(without_line_end(status.reply), max_diagnostic));
    }
    return out;
}

std::string connect_failure(int error_number) {
    return connect_error(to_lower(std::generic_category().message(error_number)));
}

std::string connect_timeout() {
    return connect_error("connection timed out");
}

}  // namespace sluice::log
