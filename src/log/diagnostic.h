#pragma once

#include <string>
#include <string_view>

#include "log/event.h"

// Texts that go into the fields connection, transport, application and diagnostic of an event
// (logging.md sections 2.5 and 2.6). All results are sanitised. Pure.
namespace sluice::log {

/// "HELO-name (rdns [ip])", "HELO-name (user@rdns [ip])"; the parenthesised part as `display` and
/// knowledge allow.
[[nodiscard]] std::string connection_text(const SourceSystem& source);
/// "TCP|lip|lport|rip|rport", IPv6 without brackets.
[[nodiscard]] std::string transport_text(const Transport& transport);
/// The same, appended to `out`.
void add_transport(std::string& out, const Transport& transport);
/// "SMTP", "SMTP/initial-host/dns-host"; protocol is SMTP, LMTP or SUBMIT.
[[nodiscard]] std::string application_text(
    std::string_view protocol, std::string_view initial_host = {}, std::string_view dns_host = {}
);

/// What an SMTP/LMTP client knows at the moment it logs a recipient.
struct ClientStatus {
    std::string host;  ///< the host connected to; empty when no connection was made
    const Transport* transport = nullptr;  ///< may be null
    std::string banner;  ///< remote greeting, with or without its reply code; may be empty
    std::string reply;   ///< remote reply, lines separated by CRLF
};
/// Channel options LOG_BANNER and LOG_TRANSPORTINFO and the masks LOG_CONNECTION, LOG_REMOTE_MTA.
struct DiagnosticOptions {
    bool banner = true;
    bool transport_info = true;
    unsigned connection = 0;
    unsigned remote_mta = 0;  ///< bit 0: the host has a field of its own and is left out here
};
/// "dns;host (transport) (banner) smtp;reply".
[[nodiscard]] std::string client_diagnostic(
    const ClientStatus& status, const DiagnosticOptions& options
);

/// The domain does not exist (DNS says so).
constexpr std::string_view no_such_domain = "Illegal host/domain name found";
constexpr std::string_view peer_dropped_reading = "Error reading SMTP packet";
constexpr std::string_view peer_dropped_writing = "Error writing SMTP packet";
/// "TCP active open: Failed connect()    Error: no route to host" for an errno of connect(2).
[[nodiscard]] std::string connect_failure(int error_number);
/// The same for a connection that was not established in time.
[[nodiscard]] std::string connect_timeout();

}  // namespace sluice::log
