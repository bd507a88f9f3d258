#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/client_exchange.h"
#include "client_context.h"
#include "connection.h"
#include "connection_log.h"
#include "log/dialogue_text.h"
#include "qmail_log/transcript.h"
#include "smtp/client_session.h"

namespace sluice::tcp_client {

/// The next octets of the message, empty at its end; an Error when it cannot be read.
using BodySource = std::function<Result<std::string_view>()>;

/// What one transaction came to.
struct TransactionReport {
    std::vector<smtp::client_event::RecipientDone> recipients;  ///< by index, all of them
    /// The connection broke off during the transaction.
    std::optional<smtp::client_event::Unusable> broken;
    std::size_t accepted = 0;  ///< recipients whose RCPT was accepted

    /// The peer went away before it had a say on anybody: another connection may do better.
    [[nodiscard]] bool may_be_repeated() const;
};

/// One connection to one address, and the dialogue on it: moves octets between socket and session
/// core, keeps the deadlines, writes the connection entries of the log. Blocking. Belongs to one
/// thread. Destroying it closes the connection.
class PeerSession {
public:
    /// Over a connection just made to `dns_host`, for mail of `destination`.
    PeerSession(
        const ClientContext& context,
        const std::string& destination,
        std::string dns_host,
        Connection connection,
        config::TlsDemand tls
    );
    PeerSession(const PeerSession&) = delete;
    PeerSession& operator=(const PeerSession&) = delete;
    ~PeerSession();

    /// Greeting and EHLO. True: messages can be sent. Else see failure().
    bool open();
    /// Whether another message can go this way: the peer is still there and no limit is reached.
    bool is_usable();
    TransactionReport send(smtp::OutgoingMessage message, const BodySource& body);
    /// QUIT; waits for the answer only briefly. `reason`, where there is one, is for the log.
    void quit(std::string reason = {});

    /// Why the connection is of no more use.
    [[nodiscard]] const std::optional<smtp::client_event::Unusable>& failure() const {
        return failure_;
    }
    [[nodiscard]] const std::string& dns_host() const { return dns_host_; }
    [[nodiscard]] const log::Transport& transport() const { return connection_.transport(); }
    [[nodiscard]] const smtp::ClientSession& session() const { return session_; }
    [[nodiscard]] std::string application() const { return log_.application(dns_host_); }
    /// nullptr: there is no TLS.
    [[nodiscard]] const tls::Facts* tls() const { return tls_ ? &*tls_ : nullptr; }
    /// The diagnostic field for what the peer answered, or for what happened instead (code 0).
    [[nodiscard]] std::string diagnostic(const smtp::Reply& reply) const;
    /// Transport and banner as LOG_TRANSPORTINFO and LOG_BANNER allow, for notifications.
    [[nodiscard]] std::string connection_text() const;

private:
    /// Runs the dialogue until the core wants something else than more input.
    smtp::ClientEvent advance();
    smtp::ClientEvent feed();
    IoStatus write_output();
    void note_limit(const smtp::ClientEvent& event) const;
    void start_tls();
    // peer_login.cpp
    smtp::ClientEvent log_in();
    smtp::ClientEvent exchange_words(const std::string& mechanism, auth::ClientExchange& exchange);
    void wait_for_input();
    /// Sends the content. An event: something came in between.
    std::optional<smtp::ClientEvent> stream(const BodySource& body);
    void pass_kill_points();
    void trace(char direction, std::string_view octets);
    void begin_transcript();
    /// "mx.example [192.0.2.1] port 25 from [192.0.2.9] port 4711".
    [[nodiscard]] std::string tcp_text() const;
    [[nodiscard]] MonoTime deadline(std::chrono::milliseconds limit) const;

    const ClientContext& context_;
    ConnectionLog log_;
    std::string destination_;
    std::string dns_host_;
    Connection connection_;
    config::TlsDemand tls_demand_;
    std::optional<tls::Facts> tls_;
    bool traces_ = false;
    log::DialogueMask mask_;
    std::optional<qmail_log::Transcript> transcript_;
    smtp::ClientSession session_;
    MonoTime begun_;
    MonoTime end_;  // of session_time
    SessionMeasures measures_;
    std::optional<smtp::client_event::Unusable> failure_;
    bool write_failed_ = false;
    // Of the transaction in progress.
    std::int64_t recipients_ = 0;
    std::int64_t blocks_ = 0;
    std::size_t done_ = 0;
    std::size_t accepted_ = 0;
    // The reply that is waited for, and until when.
    smtp::Phase awaited_ = smtp::Phase::idle;
    std::size_t awaited_after_ = 0;
    MonoTime awaited_until_{};
    std::string close_reason_;
};

}  // namespace sluice::tcp_client
