#include "peer_session.h"

#include <unistd.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/kill_point.h"
#include "base/limit_hits.h"
#include "base/log.h"
#include "deadlines.h"
#include "enqueue/transcripts.h"

namespace sluice::tcp_client {

using namespace smtp::client_event;
using smtp::ClientEvent;
using smtp::Phase;

namespace {

/// The host of an address literal is its address.
std::string without_brackets(const std::string& host) {
    const bool is_literal = host.size() > 2 && host.front() == '[' && host.back() == ']';
    return is_literal ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

void PeerSession::note_limit(const ClientEvent& event) const {
    const auto* unusable = std::get_if<Unusable>(&event);
    if (unusable == nullptr || unusable->reason != Unusable::Reason::nonsense) return;
    using smtp::ReplyFault;
    for (const ReplyFault fault : {ReplyFault::line_too_long, ReplyFault::too_many_lines}) {
        const std::string_view words = smtp::to_word(fault);
        if (unusable->reply.code == 0 && unusable->reply.to_text().ends_with(words))
            limits::hit(limits::Limit::peer_reply, dns_host_ + ": " + std::string(words));
    }
}

bool TransactionReport::may_be_repeated() const {
    if (!broken || accepted > 0) return false;
    const bool went_away =
        broken->reason == Unusable::Reason::lost || broken->reason == Unusable::Reason::closing;
    return went_away && std::all_of(recipients.begin(), recipients.end(), [](const auto& done) {
               return done.outcome == Outcome::temporary && !done.possible_duplicate;
           });
}

PeerSession::PeerSession(
    const ClientContext& context,
    const std::string& destination,
    std::string dns_host,
    Connection connection,
    config::TlsDemand tls
)
    : context_(context),
      log_(context, destination),
      destination_(destination),
      dns_host_(std::move(dns_host)),
      connection_(std::move(connection)),
      tls_demand_(tls),
      session_(context.session_for(tls)),
      begun_(std::chrono::steady_clock::now()),
      end_(begun_ + context.session_time) {
    traces_ = context_.debugs ||
              log::is_debug_peer(context_.debug_peer, connection_.transport().remote.address);
    const IpAddress& peer = connection_.transport().remote.address;
    if (enqueue::is_transcribed(context_.runtime.configuration(), context_.definition, peer))
        begin_transcript();
    context_.trace_tcp("connected, " + tcp_text());
    log_.opened(connection_.transport(), dns_host_);
}

std::string PeerSession::tcp_text() const {
    const auto& [local, remote] = connection_.transport();
    return dns_host_ + " [" + remote.address.to_string() + "] port " + std::to_string(remote.port) +
           " from [" + local.address.to_string() + "] port " + std::to_string(local.port);
}

// Sessions are threads: their number has the process in front.
void PeerSession::begin_transcript() {
    constexpr std::uint64_t numbers = 1000;
    qmail_log::Transcript::Settings settings;
    settings.session =
        static_cast<std::uint64_t>(::getpid()) * numbers + ++*context_.dialogues % numbers;
    settings.role = qmail_log::Transcript::Role::client;
    settings.full = context_.full_transcripts;
    transcript_.emplace(settings, enqueue::transcript_writer(*context_.transcripts));
}

PeerSession::~PeerSession() {
    if (transcript_) transcript_->finish(system_clock().wall_now());
    if (failure_ && close_reason_.empty()) close_reason_ = failure_->reply.to_text();
    measures_.time = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun_
    );
    connection_.say_goodbye();
    context_.trace_tcp("closing " + tcp_text());
    log_.closed(connection_.transport(), dns_host_, close_reason_, measures_);
}

bool PeerSession::open() {
    ClientEvent event = advance();
    if (std::holds_alternative<AskAuth>(event)) event = log_in();
    if (std::holds_alternative<Ready>(event)) return true;
    if (const auto* unusable = std::get_if<Unusable>(&event)) failure_ = *unusable;
    if (!failure_) {
        const smtp::Reply reply(0, {4, 5, 0}, "unexpected: " + smtp::to_debug_string(event));
        failure_ = Unusable{Unusable::Reason::nonsense, session_.phase(), reply};
    }
    if (failure_->reason == Unusable::Reason::timeout && failure_->phase == Phase::greeting) {
        log_.warn(
            "Timed out waiting for SMTP greeting from: " +
            connection_.transport().remote.address.to_string()
        );
    }
    return false;
}

bool PeerSession::is_usable() {
    if (failure_ || !session_.can_begin() || std::chrono::steady_clock::now() >= end_) return false;
    const bool closed = connection_.poll_input() == IoStatus::closed;
    if (!connection_.input().empty()) feed();
    if (closed) session_.on_disconnect();
    const ClientEvent event = feed();
    if (const auto* unusable = std::get_if<Unusable>(&event)) failure_ = *unusable;
    return !failure_;
}

TransactionReport PeerSession::send(smtp::OutgoingMessage message, const BodySource& body) {
    recipients_ = static_cast<std::int64_t>(message.recipients.size());
    const std::uint64_t block = std::max<std::uint64_t>(context_.log_options.block_size, 1);
    blocks_ = static_cast<std::int64_t>((message.size + block - 1) / block);
    done_ = accepted_ = 0;
    const std::uint64_t size = message.size;
    awaited_ = Phase::idle;
    TransactionReport report;
    report.recipients.resize(message.recipients.size());
    session_.begin(std::move(message));
    std::optional<ClientEvent> next;
    while (true) {
        const ClientEvent event = next ? *std::move(next) : advance();
        next.reset();
        if (const auto* done = std::get_if<RecipientDone>(&event)) {
            report.recipients[done->index] = *done;
            ++done_;
        } else if (std::holds_alternative<SendBody>(event)) {
            next = stream(body);
        } else {
            break;  // TransactionDone, or the connection's end with all recipients told
        }
    }
    report.accepted = accepted_;
    const bool taken = std::any_of(
        report.recipients.begin(), report.recipients.end(),
        [](const RecipientDone& done) { return done.outcome == Outcome::delivered; }
    );
    if (taken) {
        ++measures_.messages;
        measures_.octets += size;
    }
    const ClientEvent after = feed();
    if (const auto* unusable = std::get_if<Unusable>(&after)) report.broken = failure_ = *unusable;
    return report;
}

std::optional<ClientEvent> PeerSession::stream(const BodySource& body) {
    auto piece = body();
    while (piece && !piece->empty()) {
        session_.append_body(*piece);
        piece = body();
        kill_point("client-in-data");
        // The last piece goes out with the dot: most messages are one segment less.
        if (piece && piece->empty()) break;
        const IoStatus status = write_output();
        if (status == IoStatus::timeout) session_.on_timeout();
        if (status == IoStatus::done && connection_.input().empty()) continue;
        // The peer has something to say before it has the message, or is gone.
        ClientEvent event = feed();
        if (!std::holds_alternative<AwaitShell>(event)) return event;
        if (status == IoStatus::closed) {
            session_.on_disconnect(std::string(log::peer_dropped_writing));
            return std::nullopt;
        }
    }
    if (!piece) {
        session_.abandon_body(piece.error().detail());
        return std::nullopt;
    }
    session_.end_body();
    if (write_output() == IoStatus::timeout) session_.on_timeout();
    kill_point("client-after-dot");
    return std::nullopt;
}

void PeerSession::quit(std::string reason) {
    close_reason_ = std::move(reason);
    if (failure_) return;
    session_.quit();
    const ClientEvent event = advance();
    if (const auto* unusable = std::get_if<Unusable>(&event)) failure_ = *unusable;
}

std::string PeerSession::diagnostic(const smtp::Reply& reply) const {
    log::ClientStatus status;
    status.host = dns_host_;
    status.transport = &connection_.transport();
    status.banner = session_.banner();
    if (reply.code != 0) status.reply = reply.to_text();
    std::string text = log::client_diagnostic(status, context_.diagnostics);
    if (reply.code == 0) text += (text.empty() ? "" : " ") + reply.to_text();
    return text;
}

std::string PeerSession::connection_text() const {
    log::DiagnosticOptions options = context_.diagnostics;
    options.connection = 0;
    return log::client_diagnostic({{}, &connection_.transport(), session_.banner(), {}}, options);
}

ClientEvent PeerSession::advance() {
    while (true) {
        ClientEvent event = feed();
        const IoStatus status = write_output();
        if (std::holds_alternative<StartTls>(event)) {
            start_tls();
            continue;
        }
        if (!std::holds_alternative<NeedInput>(event)) {
            note_limit(event);
            return event;
        }
        if (status == IoStatus::timeout) {
            session_.on_timeout();
        } else {
            wait_for_input();
        }
    }
}

ClientEvent PeerSession::feed() {
    const std::string_view input = connection_.input();
    std::string_view rest = input;
    ClientEvent event = session_.feed(rest);
    const std::string_view said = input.substr(0, input.size() - rest.size());
    trace('<', said);
    if (transcript_) transcript_->server_said(said, system_clock().wall_now());
    connection_.consume_to(rest);
    pass_kill_points();
    return event;
}

IoStatus PeerSession::write_output() {
    if (!session_.has_output()) return IoStatus::done;
    const Phase phase = session_.phase();
    const std::string output = session_.take_output();
    const bool is_content = phase == Phase::body || phase == Phase::dot;
    if (!is_content) trace('>', output);
    if (transcript_) {
        using Said = qmail_log::Transcript::Said;
        transcript_->client_said(
            output, is_content ? Said::content : Said::command, system_clock().wall_now()
        );
    }
    const auto limit = transmit_time(phase, context_.options);
    const IoStatus status = connection_.write(output, deadline(limit));
    if (status == IoStatus::closed) write_failed_ = true;
    return status;
}

// Nobody has been told anything yet: a certificate that will not do costs the peer nothing but this
// connection.
void PeerSession::start_tls() {
    const Endpoint& remote = connection_.transport().remote;
    tls::ClientContext::Server server;
    server.host = without_brackets(dns_host_);
    server.address = remote.address.to_string() + ' ' + std::to_string(remote.port);
    server.lenient = tls_demand_ == config::TlsDemand::may;
    const auto files = context_.tls();
    if (!files.context) return session_.tls_failed("TLS handshake failed: " + files.fault);
    auto facts = connection_.start_tls(
        *files.context, server, deadline(context_.options.status_receive_time)
    );
    if (!facts) return session_.tls_failed("TLS handshake failed: " + facts.error().detail());
    tls_ = *std::move(facts);
    log_.set_tls(tls::info_text(*tls_));
    const bool verified = tls_->peer && tls_->peer->verified;
    if (traces_) {
        const std::string fault = tls_->peer ? tls_->peer->fault : "none shown";
        diag::info(
            dns_host_ + " TLS: " + tls::info_text(*tls_) + (tls_->resumed ? ", resumed" : "") +
            (verified ? ", certificate verified" : ", certificate not verified: " + fault)
        );
    }
    if (tls_demand_ == config::TlsDemand::verify && !verified) {
        return session_.tls_failed(
            "TLS certificate of " + dns_host_ +
            " not verified: " + (tls_->peer ? tls_->peer->fault : "none shown")
        );
    }
    session_.tls_started();
}

// A reply has its time from when it is the next one due; octets that trickle in do not extend it.
void PeerSession::wait_for_input() {
    const Phase phase = session_.phase();
    const std::size_t replies = done_ + accepted_;
    if (phase != awaited_ || replies != awaited_after_) {
        auto limit = reply_time(phase, recipients_, blocks_, context_.options);
        if (phase == Phase::quit)
            limit = std::min<std::chrono::milliseconds>(limit, context_.quit_time);
        awaited_ = phase;
        awaited_after_ = replies;
        awaited_until_ = deadline(limit);
    }
    switch (connection_.read(awaited_until_)) {
        case IoStatus::done:
            return;
        case IoStatus::timeout:
            session_.on_timeout();
            return;
        case IoStatus::closed:
            session_.on_disconnect(
                std::string(write_failed_ ? log::peer_dropped_writing : log::peer_dropped_reading)
            );
            return;
    }
}

void PeerSession::pass_kill_points() {
    const std::size_t accepted = session_.accepted_recipients();
    const Phase phase = session_.phase();
    const bool mail_answered = phase == Phase::rcpt || phase == Phase::data;
    if (mail_answered && accepted == 0) kill_point("client-after-mail");
    while (accepted_ < accepted) {
        ++accepted_;
        kill_point("client-after-rcpt");
    }
}

// Of a log-in only the mechanism and the codes are shown.
void PeerSession::trace(char direction, std::string_view octets) {
    if (!traces_) return;
    while (!octets.empty()) {
        const std::size_t end = octets.find('\n');
        std::string_view line = octets.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const std::string shown =
            direction == '<' ? mask_.server_line(line) : mask_.client_line(line);
        diag::info(dns_host_ + ' ' + direction + ' ' + shown);
        if (end == std::string_view::npos) return;
        octets.remove_prefix(end + 1);
    }
}

MonoTime PeerSession::deadline(std::chrono::milliseconds limit) const {
    return std::min(std::chrono::steady_clock::now() + limit, end_);
}

}  // namespace sluice::tcp_client
