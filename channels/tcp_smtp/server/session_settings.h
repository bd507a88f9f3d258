#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "channel/channel.h"
#include "config/configuration.h"
#include "log/event.h"
#include "smtp/server_settings.h"

// What the configuration means for the SMTP server: pure functions from the snapshot to plain
// values, asked once for each channel. The option file that counts is that of the server's default
// channel, whatever channel a session switches to; keywords are those of the source channel (spec
// page smtp-channel, section 1).
namespace sluice::smtp_server {

/// What the server does about the name of a client (keywords ident*, forwardcheck*; CHECK_SOURCE).
struct PeerNaming {
    enum class ForwardCheck : std::uint8_t { none, tag, drop };

    bool look_up = true;              ///< reverse DNS at the start of the session
    bool ask_ident = false;           ///< RFC 1413 at the start of the session
    bool name_switches = true;        ///< the name may move the session to another channel
    bool name_in_received = true;     ///< where it differs from what the client called itself
    bool address_in_received = true;  ///< not with the symbolic forms
    ForwardCheck forward_check = ForwardCheck::none;
    log::PeerDisplay log_display = log::PeerDisplay::name_and_address;
};

/// Settings of the connection as such, before its source channel is known.
struct ConnectionSettings {
    enum class EarlyTalk : std::uint8_t { reject, drop, note };

    PeerNaming naming;
    std::chrono::seconds command_receive{600};
    std::chrono::seconds data_receive{600};
    std::chrono::seconds status_transmit{600};
    std::chrono::milliseconds banner_delay{0};  ///< BANNER_PURGE_DELAY
    EarlyTalk early_talk = EarlyTalk::reject;   ///< BANNER_EARLYTALK
    std::optional<std::size_t> max_j_entries;   ///< MAX_J_ENTRIES
    unsigned stress_time_divisor = 10;          ///< STRESS_TIME_DIVISOR
    std::size_t stress_bad_commands = 5;        ///< STRESS_BAD_COMMANDS
    unsigned inflow_rate = 10;                  ///< INFLOW_RATE
    bool refuses_late = false;                  ///< PORT_ACCESS_REFUSE=rcpt
    bool submission = false;                    ///< the default channel has `submit`
    bool lmtp = false;                          ///< or `lmtp`
    bool traces_tcp = false;                    ///< TRACE_LEVEL
};
ConnectionSettings connection_settings(
    const config::Configuration& configuration, const channel::Channel& default_channel
);

/// What the source channel says about a transaction besides the protocol.
struct SourceSettings {
    enum class Etrn : std::uint8_t { silent, named, domains_only };

    Etrn etrn = Etrn::silent;
    bool mail_from_dns_verify = false;
    bool received_for = true;
    bool received_from = true;
    std::optional<std::size_t> hold_above;  ///< holdlimit: more recipients make the message held
};
SourceSettings source_settings(const channel::Channel& source);

/// Settings of the protocol core for a session on `source` that came in by `default_channel`. A
/// session that stayed on the default channel of a server that is open to the world (not `submit`)
/// is an outside client: without a word in the configuration it gets no informative VRFY and no
/// EXPN.
smtp::ServerSettings protocol_settings(
    const config::Configuration& configuration,
    const channel::Channel& default_channel,
    const channel::Channel& source
);

/// Largest message in octets that may be queued to `destination` (blocklimit); nullopt: no limit.
std::optional<std::uint64_t> size_limit(
    const config::Configuration& configuration, const channel::Channel& destination
);
/// The same in lines (linelimit, LINE_LIMIT).
std::optional<std::uint64_t> line_limit(
    const config::Configuration& configuration, const channel::Channel& destination
);

}  // namespace sluice::smtp_server
