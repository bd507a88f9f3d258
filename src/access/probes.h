#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "mapping/flag_set.h"

// The facts an access table is asked about, and the strings made of them (imta_access(5),
// "Probes").
namespace sluice::access {

/// The two ends of a TCP connection.
struct PortInfo {
    Endpoint server;
    Endpoint client;
};

/// What the client said of itself before the transaction.
struct AppInfo {
    enum class Protocol : std::uint8_t { none, smtp, lmtp };
    Protocol protocol = Protocol::none;
    std::string helo;      ///< empty before HELO, EHLO, LHLO
    std::string tls_info;  ///< cipher information; empty without TLS
};

/// One session as the tables see it. Mail that does not come by SMTP has a default one.
struct Session {
    std::optional<PortInfo> port;
    AppInfo app;
    bool authenticated = false;
    bool tls = false;
    bool extended = false;  ///< EHLO or LHLO
};

struct Sender {
    std::string source_channel;
    std::string address;             ///< envelope From after rewriting; empty for the null path
    std::string authenticated_from;  ///< address of the authenticated user
    std::string submit_type = "MAIL";
    std::string given;  ///< as the client wrote it, without brackets, for the reply
};

struct Recipient {
    std::string destination_channel;  ///< where it would be enqueued to at this moment
    std::string address;  ///< after rewriting; for the plain tables after alias expansion
    std::string given;    ///< as the client wrote it, without brackets
    std::string original_recipient;  ///< ORCPT value, "rfc822;user@domain"; empty if none was given
    std::uint64_t recipient_count = 0;        ///< RCPT TO commands so far
    std::uint64_t total_recipient_count = 0;  ///< recipients after expansion so far
    std::vector<std::string> conversion_tags;
    bool notify_success = false;
    bool notify_delay = false;
    bool notify_failure = false;
};

/// Options that change probes and replies; names and bits as in option.dat.
struct Options {
    unsigned access_orcpt = 0;
    unsigned access_counts = 0;
    unsigned include_connectioninfo = 0;
    unsigned include_conversiontag = 0;
    unsigned include_retries = 0;
    bool access_errors = false;
    /// Replaces `|` in text from outside, so that it cannot shift the fields of a probe.
    std::optional<char> mapping_paranoia;
};

enum class AccessTable : std::uint8_t {
    port_access,
    from_access,
    orig_send_access,
    send_access,
    orig_mail_access,
    mail_access,
};

[[nodiscard]] std::string_view table_name(AccessTable table);

/// "TCP|server|port|client|port"; IPv4-mapped addresses as dotted quads. Empty without a
/// connection.
std::string port_info(const std::optional<PortInfo>& port);
/// "SMTP/helo/tls"; empty for mail that does not come by SMTP or LMTP.
std::string app_info(const AppInfo& app, const Options& options);
/// "port-info|app-info|", as most probes begin.
std::string connection_prefix(const Session& session, const Options& options);

/// Mapping tables that a mailing list names; the value is the table's bit in
/// INCLUDE_CONNECTIONINFO.
enum class ListTable : unsigned {
    auth_mapping = 1,
    moderator_mapping = 2,
    cant_mapping = 4,
    hold_mapping = 32,
    nohold_mapping = 64,
};
/// What stands in front of the probe of such a table: connection_prefix() where the option asks for
/// it, else nothing.
std::string list_prefix(ListTable table, const Session& session, const Options& options);

std::string port_probe(const PortInfo& port);
std::string from_probe(const Session& session, const Sender& sender, const Options& options);
/// `table` is one of the four recipient tables.
std::string recipient_probe(
    AccessTable table,
    const Session& session,
    const Sender& sender,
    const Recipient& recipient,
    const Options& options
);

mapping::InputFlags from_flags(const Session& session);
mapping::InputFlags recipient_flags(const Session& session, const Recipient& recipient);

/// `text` from outside, with bars replaced as `mapping_paranoia` says.
std::string guarded(std::string_view text, const Options& options);

}  // namespace sluice::access
