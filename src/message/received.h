#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/time_zone.h"

namespace sluice::message {

/// How the session went, for the with clause.
struct SessionProtocol {
    bool extended = false;  ///< EHLO
    bool tls = false;
    bool authenticated = false;
    bool lmtp = false;
    bool smtputf8 = false;
};
/// "SMTP", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA", "LMTP..." (RFC 3848), "UTF8SMTP..." (RFC 6531).
[[nodiscard]] std::string protocol_word(const SessionProtocol& protocol);

/// The parts of a trace line. Everything may be foreign bytes except `by`, `version`, `id`.
struct ReceivedLine {
    std::string helo;  ///< what the client called itself; for other channels the channel's host
    std::string reverse_name;          ///< shown when not empty (CHECK_SOURCE, ident* keywords)
    std::optional<IpAddress> address;  ///< likewise
    std::string client_user;           ///< by RFC 1413; shown with name or address
    std::string by;                    ///< RECEIVED_DOMAIN
    std::string version;               ///< product and version, in parentheses
    std::string with;                  ///< protocol_word(); empty for no clause
    std::string id;                    ///< unique part of the queue file or envelope id
    std::string for_recipient;         ///< only when there is exactly one (keyword receivedfor)
    std::string original_sender;       ///< set when the MTA changed it (keyword receivedfrom)
    WallTime time{};
};

/// The whole field with CRLF, folded under 78 columns:
///   Received: from helo (user@rdns [ip]) by host (version) with ESMTP id <id> for <addr>; date
/// (RFC 5321 section 4.4). Foreign parts are reduced to what may stand there. Pure.
[[nodiscard]] std::string format_received(const ReceivedLine& line, const TimeZone& zone);

}  // namespace sluice::message
