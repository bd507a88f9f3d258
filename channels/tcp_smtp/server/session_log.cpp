#include "session_log.h"

#include <utility>
#include <vector>

#include "base/clock.h"
#include "channel/channel_settings.h"
#include "channel/channel_table.h"
#include "limit_notes.h"
#include "log/diagnostic.h"
#include "log/process_field.h"

namespace sluice::smtp_server {

using log::Event;
using log::EventKind;

namespace {

constexpr std::string_view last_j_entry = " (last rejection logged for this connection)";

log::Modifiers modifiers_of(const smtp::ServerSession& session) {
    log::Modifiers modifiers;
    modifiers.lmtp = session.settings().lmtp;
    modifiers.esmtp = session.is_esmtp() && !modifiers.lmtp;
    modifiers.tls = session.is_tls();
    modifiers.authenticated = session.is_authenticated();
    modifiers.chunking = session.is_chunking();
    modifiers.smtputf8 = session.is_smtputf8();
    return modifiers;
}

/// Refusals that are nobody's fault but ours (RFC 3463 section 3.4).
log::Cause cause_of(const smtp::Reply& reply) {
    constexpr unsigned mail_system = 3;
    const bool ours = reply.is_temporary() && reply.status && reply.status->subject == mail_system;
    return ours ? log::Cause::limit : log::Cause::none;
}

std::chrono::milliseconds since(MonoTime begun) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().mono_now() - begun);
}

}  // namespace

SessionLog::Owner SessionLog::owner_of(
    const channel::Channel& channel, const log::LogOptions& options
) {
    return {channel.name(), channel::has_logging(channel), &options};
}

void SessionLog::set_default_channel(
    const channel::Channel& channel, const log::LogOptions& options
) {
    arrival_ = owner_ = owner_of(channel, options);
}

void SessionLog::set_channel(const channel::Channel& source, const log::LogOptions& options) {
    owner_ = owner_of(source, options);
}

Event SessionLog::connection_event(EventKind kind) const {
    Event event;
    event.kind = kind;
    event.session = session_;
    event.source_channel = owner_.channel;
    event.direction = log::Direction::inbound;
    event.transport = log::Transport{peer_.local, peer_.remote};
    event.application = settings_.application;
    event.access_text = access_text_;
    return event;
}

std::string SessionLog::application(const std::string& hello) const {
    if (tls_.empty()) return settings_.application;
    return log::application_text(settings_.application, hello, tls_);
}

Event SessionLog::arrival_event(EventKind kind) const {
    Event event = connection_event(kind);
    event.source_channel = arrival_.channel;
    event.source.reverse_name = peer_.name;
    event.source.ident = peer_.ident;
    return event;
}

Event SessionLog::message_event(EventKind kind, const smtp::ServerSession& session) const {
    Event event = connection_event(kind);
    event.access_text.clear();
    event.application = application(session.hello_name());
    event.modifiers = modifiers_of(session);
    if (session.is_authenticated()) event.username = user_;
    // Mail from this host itself has no system that it came from.
    if (owner_.channel == channel::local_channel_name) return event;
    event.source.name = session.hello_name();
    event.source.reverse_name = peer_.name;
    event.source.ident = peer_.ident;
    event.source.address = peer_.remote.address;
    event.source.display = settings_.display;
    return event;
}

// All events of one call are one operation.
void SessionLog::post(std::span<Event> events, const Owner& owner) {
    if (events.empty() || !wants(events[0].kind, owner)) return;
    const WallTime now = system_clock().wall_now();
    const log::ProcessTag process = log::this_thread_process_field().next_operation();
    for (Event& event : events) {
        event.time = now;
        event.node = node_;
        event.process = process;
        event.logged = owner.logs;
    }
    log_.post(events, *owner.options);
    posted_();
}

void SessionLog::opened() {
    if (!wants(EventKind::connection_opened, arrival_)) return;
    Event event = arrival_event(EventKind::connection_opened);
    post(std::span(&event, 1), arrival_);
}

void SessionLog::closed(const Ending& ending) {
    transaction_ended();
    if (!wants(EventKind::connection_closed)) return;
    Event event = connection_event(EventKind::connection_closed);
    event.diagnostic = ending.reason;
    event.application = application(ending.hello);
    event.cause = ending.cause;
    event.session_messages = ending.messages;
    event.session_bytes = ending.bytes;
    event.session_time =
        std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().wall_now() - begin_);
    post(std::move(event));
}

void SessionLog::early_talk(log::Cause cause) {
    if (!wants(EventKind::early_talk)) return;
    Event event = connection_event(EventKind::early_talk);
    event.cause = cause;
    post(std::move(event));
}

void SessionLog::verified(std::string_view address) {
    if (!wants(EventKind::address_verified)) return;
    Event event = connection_event(EventKind::address_verified);
    event.recipient = address;
    post(std::move(event));
}

void SessionLog::sender_looked_up(
    const smtp::ServerSession& session, std::string_view sender, log::Cause how
) {
    if (!wants(EventKind::sender_looked_up)) return;
    Event event = message_event(EventKind::sender_looked_up, session);
    event.sender = sender;
    event.cause = how;
    post(std::move(event));
}

void SessionLog::screened(const std::vector<std::string>& remarks) {
    if (remarks.empty() || !wants(EventKind::client_screened)) return;
    std::vector<Event> events(remarks.size(), connection_event(EventKind::client_screened));
    for (std::size_t i = 0; i < remarks.size(); ++i) events[i].diagnostic = remarks[i];
    post(events);
}

void SessionLog::expanded(std::string_view address) {
    if (!wants(EventKind::list_expanded)) return;
    Event event = connection_event(EventKind::list_expanded);
    event.recipient = address;
    post(std::move(event));
}

void SessionLog::refused(const access::Verdict& verdict) {
    std::vector<Event> events{arrival_event(EventKind::connection_refused)};
    events[0].access_text = verdict.log_text;
    events[0].cause = log::Cause::port_access;
    for (const std::string& line : verdict.reply.lines) {
        events[0].diagnostic += (events[0].diagnostic.empty() ? "" : " ") + line;
    }
    if (verdict.transport_record) {
        events.push_back(events[0]);
        events[1].kind = EventKind::connection_tagged;
    }
    post(events, arrival_);
}

void SessionLog::refused(std::string_view diagnostic) {
    Event event = arrival_event(EventKind::connection_refused);
    event.diagnostic = diagnostic;
    event.cause = log::Cause::limit;
    post(std::span(&event, 1), arrival_);
}

void SessionLog::etrn(std::string_view argument, const smtp::Reply& reply) {
    Event event = connection_event(EventKind::etrn);
    event.command = argument;
    event.diagnostic = std::string(argument) + ' ' + reply.to_text();
    post(std::move(event));
}

void SessionLog::login(
    const smtp::ServerSession& session,
    const std::string& user,
    const smtp::Reply& reply,
    std::string_view reason,
    std::string_view mechanism
) {
    if (!wants(EventKind::authentication)) return;
    Event event = connection_event(EventKind::authentication);
    event.modifiers = modifiers_of(session);
    event.modifiers.authenticated = reply.is_positive();
    event.application = application(session.hello_name());
    event.source.reverse_name = peer_.name;
    event.username = user;
    event.message_info = reason;
    event.command = mechanism;
    event.diagnostic = reply.to_text();
    post(std::move(event));
}

void SessionLog::bad_command(
    const smtp::ServerSession& session, const smtp::server_action::BadCommand& bad
) {
    Event event = message_event(EventKind::bad_command, session);
    event.command = bad.command;
    event.hostile = bad.hostile;
    event.diagnostic = bad.reply.to_text();
    post(std::move(event));
}

// MAX_J_ENTRIES: the last entry that may be written says so.
void SessionLog::post_refusals(std::vector<Event> events) {
    const auto& limit = settings_.max_j_entries;
    if (limit) {
        if (j_entries_ >= *limit) return;
        if (j_entries_ + events.size() >= *limit) {
            events.resize(*limit - j_entries_);
            events.back().diagnostic += last_j_entry;
        }
    }
    j_entries_ += events.size();
    post(events);
}

void SessionLog::sender_accepted(const smtp::ServerSession& session, std::string_view sender) {
    transaction_begin_ = system_clock().wall_now();
    sender_ = sender;
    if (!wants(EventKind::sender_accepted)) return;
    Event event = message_event(EventKind::sender_accepted, session);
    event.sender = sender;
    post(std::move(event));
}

void SessionLog::recipient_accepted(
    const smtp::ServerSession& session, std::string_view recipient
) {
    if (!wants(EventKind::recipient_accepted)) return;
    Event event = message_event(EventKind::recipient_accepted, session);
    event.sender = sender_;
    event.recipient = recipient;
    post(std::move(event));
}

void SessionLog::recipient_looked_for(
    const smtp::ServerSession& session,
    std::string_view recipient,
    const std::vector<SearchStep>& steps
) {
    if (!wants(EventKind::recipient_looked_for)) return;
    std::vector<Event> events{message_event(EventKind::recipient_looked_for, session)};
    events[0].sender = sender_;
    events[0].recipient = recipient;
    events[0].cause = log::Cause::presented;
    for (const SearchStep& step : steps) {
        events.push_back(events[0]);
        events.back().recipient = step.key;
        events.back().cause = step.cause;
    }
    post(events);
}

void SessionLog::transaction_ended() {
    post_blocked(log::Cause::relay_denied, relays_denied_);
    post_blocked(log::Cause::sender_blocked, blocked_);
    sender_.clear();
}

void SessionLog::post_blocked(log::Cause cause, std::uint64_t& count) {
    const std::uint64_t refused = std::exchange(count, 0);
    if (refused == 0 || !wants(EventKind::recipients_blocked)) return;
    Event event = connection_event(EventKind::recipients_blocked);
    event.cause = cause;
    event.count = refused;
    event.sender = sender_;
    post(std::move(event));
}

void SessionLog::sender_refused(
    const smtp::ServerSession& session,
    std::string_view sender,
    const smtp::Reply& reply,
    log::Cause cause
) {
    note_refusal(reply, peer_.remote.address);
    Event event = message_event(EventKind::enqueue_refused, session);
    event.cause = cause == log::Cause::none ? cause_of(reply) : cause;
    event.sender = sender;
    event.diagnostic = reply.to_text();
    post_refusals({std::move(event)});
}

Event SessionLog::refusal(
    const smtp::ServerSession& session, const Transaction& transaction, const smtp::Reply& reply
) const {
    Event event = message_event(EventKind::enqueue_refused, session);
    event.sender = transaction.sender();
    event.transaction_time = since(transaction.begun());
    event.diagnostic = reply.to_text();
    return event;
}

void SessionLog::recipient_refused(
    const smtp::ServerSession& session,
    const Transaction& transaction,
    const std::optional<OriginalRecipient>& original,
    std::string_view recipient,
    const smtp::Reply& reply,
    log::Cause cause
) {
    note_refusal(reply, peer_.remote.address);
    if (cause == log::Cause::relay_denied) ++relays_denied_;
    if (cause == log::Cause::sender_blocked) ++blocked_;
    Event event = refusal(session, transaction, reply);
    event.cause = cause;
    if (original) {
        event.original_recipient_type = original->type;
        event.original_recipient = original->address;
    }
    event.recipient = recipient;
    post_refusals({std::move(event)});
}

void SessionLog::message_refused(
    const smtp::ServerSession& session,
    const Transaction& transaction,
    const smtp::Reply& reply,
    std::string_view filter
) {
    note_refusal(reply, peer_.remote.address);
    Event event = refusal(session, transaction, reply);
    event.cause = cause_of(reply);
    event.filter = filter;
    std::vector<Event> events;
    for (const Transaction::Accepted& accepted : transaction.accepted()) {
        event.original_recipient_type =
            accepted.original_type.empty() ? "rfc822" : accepted.original_type;
        event.original_recipient = accepted.original;
        event.recipient = accepted.address;
        event.initial_recipient = accepted.presented;
        events.push_back(event);
    }
    post_refusals(std::move(events));
}

void SessionLog::message_aborted(
    const smtp::ServerSession& session,
    const Transaction& transaction,
    std::uint64_t octets,
    std::string_view reason
) {
    Event event = message_event(EventKind::aborted, session);
    event.sender = transaction.sender();
    event.transaction_time = since(transaction.begun());
    event.bytes = octets;
    event.diagnostic = reason;
    std::vector<Event> events;
    for (const enqueue::SubmittedRecipient& recipient : transaction.recipients()) {
        event.original_recipient_type = recipient.original_type;
        event.original_recipient = recipient.original;
        event.recipient = recipient.destination.address;
        event.notary_flags = recipient.notify;
        events.push_back(event);
    }
    post(events);
}

Event SessionLog::enqueue_template(const smtp::ServerSession& session) const {
    Event event = message_event(EventKind::enqueued, session);
    event.time = transaction_begin_;
    return event;
}

}  // namespace sluice::smtp_server
