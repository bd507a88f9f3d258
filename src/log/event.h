#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/ip_address.h"

// The transaction log. Whatever happens to a message or a connection is one Event; renderers turn
// it into lines (Sun text here, others beside it) and sinks write the lines. Nothing else in the
// product formats a log line. An Event holds raw foreign bytes: the renderers sanitise.
// logging.md sections 2 and 3; postoffice-and-qmail-features.md section 1.
namespace sluice::log {

enum class EventKind {
    // Message entries.
    bad_command,         ///< B  a bad SMTP command was received
    dequeued,            ///< D  delivered or relayed
    enqueued,            ///< E  the queue file is committed
    held,                ///< H  held or released (only with LOG_HOLD)
    enqueue_refused,     ///< J  sender, recipient or message refused on the way in
    discarded,           ///< K  given up without a notification
    deferred,            ///< Q  temporary failure, the message stays
    returned,            ///< R  given up, a notification was generated
    aborted,             ///< V  the client vanished during the data
    warned,              ///< W  the sender was told about the delay
    requeued,            ///< Z  others of the file succeeded; an enqueued event follows
    header_line,         ///<    one header line selected by LOG_HEADER
    sender_accepted,     ///< M  MAIL (only with LOG_COMMANDS)
    recipient_accepted,  ///< N  RCPT (only with LOG_COMMANDS)
    // Connection entries.
    connection_opened,   ///< O
    connection_closed,   ///< C
    connection_refused,  ///< X  by an access table or a limit
    connection_failed,   ///< Y  never established
    etrn,                ///< I
    authentication,      ///< U  succeeded or failed
    connection_tagged,   ///< T  PORT_ACCESS $T
    // Events without an entry of the family; other renderers and the counters use them.
    connection_arrived,    ///< before the access check
    connections_changed,   ///< how many a service serves now
    early_talk,            ///< the client spoke, or left, before the greeting
    recipient_looked_for,  ///< LOG_RCPT_TRACE: one step of the search, `cause` says which
    sender_looked_up,      ///< whether the sender's domain is in the DNS: `cause`, found or exempt
    client_screened,       ///< what greylisting or a look for its name said: `diagnostic`
    address_verified,      ///< VRFY
    list_expanded,         ///< EXPN
    recipients_blocked,    ///< how many of a transaction were refused by access rules
    delivery_started,      ///< one recipient
    delivery_warning,      ///< a remark about a destination host: `diagnostic`
    message_gone,          ///< this file of the message has left the queue for good
    deliveries_begun,      ///< the job controller has started
    deliveries_stopping,   ///< the job controller hands out no more work
    deliveries_stopped,    ///< the job controller ends
};

/// The entry's action letter; '\0' for kinds that have no entry in mail.log.
[[nodiscard]] char entry_letter(EventKind kind);
[[nodiscard]] bool is_connection_entry(EventKind kind);

/// What was in effect on the SMTP/LMTP session, shown behind the action letter.
struct Modifiers {
    bool esmtp = false;
    bool tls = false;
    bool authenticated = false;
    bool chunking = false;
    bool lmtp = false;
    bool proxied = false;
    bool smtputf8 = false;
};

enum class Direction : std::uint8_t { inbound, outbound };

/// What the channel of a delivery does with a message, as the logs of other products divide them.
enum class DeliveryClass : std::uint8_t {
    passage,  ///< sends it on inside the MTA: conversion, process, reprocess, ...
    mailbox,
    program,
    remote,
};

/// What an event is about where its kind alone does not say it.
enum class Cause : std::uint8_t {
    none,
    port_access,        ///< connection_refused: the mapping table
    limit,              ///< connection_refused: too many, no room
    timeout,            ///< connection_closed, early_talk: the peer was silent
    aborted,            ///< connection_closed: the peer went without a word
    sent_data,          ///< early_talk
    too_many_bad,       ///< connection_closed: bad commands
    unknown_sender,     ///< enqueue_refused: the sender's domain does not exist
    unknown_recipient,  ///< enqueue_refused
    sender_blocked,     ///< enqueue_refused, recipients_blocked: for the sender's sake
    released,           ///< held: by an operator, not held
    presented,          ///< recipient_looked_for: as RCPT named it
    tried,              ///< recipient_looked_for: a key that an alias or a mailbox may have
    found,              ///< recipient_looked_for: the key that one has
    exempt,             ///< sender_looked_up: it need not be
    relay_denied,       ///< enqueue_refused, recipients_blocked: not for this client
};

/// Recipient flags as shown by LOG_NOTARY and kept in queue files (logging.md section 2.4).
namespace notary {
constexpr unsigned headers_only = 1;
constexpr unsigned no_content = 2;
constexpr unsigned on_failure = 4;
constexpr unsigned on_success = 8;
constexpr unsigned on_delay = 16;
constexpr unsigned never = 32;
constexpr unsigned had_parameters = 256;  ///< the recipient came with DSN parameters
constexpr unsigned usual = on_failure | on_delay;
}  // namespace notary

/// Who did it: pid, thread number where the program has several, operation count.
struct ProcessTag {
    std::uint64_t pid = 0;
    std::optional<std::uint64_t> thread;
    std::uint64_t count = 0;
};

/// Both ends of a TCP connection; `local` is always ours.
struct Transport {
    Endpoint local;
    Endpoint remote;
};

/// Which parts of the peer's identity the ident* keywords allow us to show.
enum class PeerDisplay : std::uint8_t { name_and_address, address_only, name_only, none };

/// Where a message came from: what the client called itself, or the source channel's official host.
struct SourceSystem {
    std::string name;
    std::string reverse_name;  ///< PTR name; empty when there is none or it was not asked for
    std::optional<IpAddress> address;
    PeerDisplay display = PeerDisplay::name_and_address;
    std::string ident = {};  ///< its user by its own system (RFC 1413); mostly empty
};

/// A plain value. Fill what you know; what stays empty is rendered as an empty field or left out.
/// Reuse one Event for the recipients of a message and change what differs.
struct Event {
    EventKind kind = EventKind::enqueued;
    WallTime time{};
    std::string node;  ///< host name of the machine
    ProcessTag process;
    std::uint64_t session = 0;  ///< session number within the process; 0 unknown
    bool logged = true;         ///< the keyword `logging` wants it in mail.log; is_logged() decides
    Modifiers modifiers;

    std::string source_channel;       ///< for connection entries: the channel that owns it
    std::string destination_channel;  ///< enqueued only
    Direction direction = Direction::inbound;

    Cause cause = Cause::none;
    DeliveryClass delivery_class = DeliveryClass::passage;  ///< of the channel that delivers

    // The message.
    WallTime enqueued{};   ///< when it arrived; together with envelope_id it names the message
    bool goes_on = false;  ///< enqueued only: it was in the queue before, on another channel
    bool replaces_file = false;  ///< enqueued only: another file of it goes instead
    bool content_8bit = false;
    std::string urgency;         ///< "urgent", "normal", "nonurgent" ...; empty: unknown
    std::string origin_channel;  ///< where it came in, for events of the other end
    SourceSystem origin;         ///< who brought it, as far as it was kept
    std::uint64_t bytes = 0;
    std::string sender;  ///< without angle brackets; empty for the null reverse path
    std::string original_recipient_type = "rfc822";
    std::string original_recipient;  ///< ORCPT, else the address as first presented; may be empty
    std::string recipient;           ///< active address; "*" for a whole message
    std::string intermediate_recipient;
    std::string initial_recipient;
    unsigned notary_flags = notary::usual;
    std::string file_name;  ///< full name of the queue file at the time of the event
    std::string envelope_id;
    std::string message_id;           ///< including <>
    std::string original_message_id;  ///< of the message a generated notification is about
    std::string username;             ///< owner of the enqueuing process, or "*name" after SASL
    int sensitivity = 0;              ///< 0 none, 1 personal, 2 private, 3 company-confidential
    int priority = 0;
    std::string filter;       ///< actions a filter took
    std::string reason;       ///< why it was rejected or returned
    std::string header_line;  ///< "Name: unfolded value", header_line only

    // The other side.
    SourceSystem source;
    std::optional<Transport> transport;
    std::string application;   ///< application_text()
    std::string remote_host;   ///< host an SMTP client was connected to
    std::string command;       ///< that was rejected; ETRN's argument; the mechanism of AUTH
    bool hostile = false;      ///< bad_command only: one of HOSTILE_COMMANDS
    std::string message_info;  ///< short reason of an authentication entry ("Bad password")
    std::string access_text;   ///< log text of the PORT_ACCESS entry
    std::string diagnostic;    ///< delivery status, reply, closing reason (diagnostic.h)
    std::optional<StatusCode> status;
    std::string remote_text;  ///< the bare remote reply

    // Measures; counters and other renderers use them.
    std::chrono::seconds queue_time{0};
    std::chrono::milliseconds session_time{0};
    std::chrono::milliseconds transaction_time{0};
    std::chrono::milliseconds delivery_time{0};
    std::uint64_t session_messages = 0;
    std::uint64_t session_bytes = 0;
    unsigned attempt = 0;
    std::uint64_t delivery_number = 0;  ///< of delivery_started and its end; per process, from 1
    std::uint64_t count = 0;            ///< connections_changed, recipients_blocked
    std::uint64_t limit = 0;            ///< connections_changed
};

/// Whether the keyword `logging` of the channels concerned switches this entry on: the source
/// channel decides (it owns the connection, or its queue holds the message); an enqueue is also
/// written when the destination channel logs (logging.md section 1.1).
[[nodiscard]] bool is_logged(const Event& event, bool source_logs, bool destination_logs);

}  // namespace sluice::log
