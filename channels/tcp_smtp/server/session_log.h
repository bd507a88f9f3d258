#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "access/verdict.h"
#include "base/clock.h"
#include "channel/channel.h"
#include "enqueue/runtime.h"
#include "log/event.h"
#include "log/log_file.h"
#include "recipient_search.h"
#include "smtp/server_action.h"
#include "smtp/server_session.h"
#include "transaction.h"

namespace sluice::smtp_server {

/// Who is at the other end of a connection.
struct Peer {
    Endpoint local;
    Endpoint remote;
    std::string name =
        {};  ///< by reverse DNS, after the forward check; empty: none or not asked for
    std::string ident = {};  ///< its user, by RFC 1413; empty: none or not asked for
};

/// Writes the transaction log of one SMTP session: entries O C X T B J V I, and what enqueue
/// entries say about their source (spec page logging, sections 2 to 4). Entries are posted;
/// somebody flushes the log soon after. Belongs to one thread.
class SessionLog {
public:
    struct Settings {
        log::PeerDisplay display = log::PeerDisplay::name_and_address;
        std::optional<std::size_t> max_j_entries;
        std::string application = "SMTP";
    };

    /// `posted` is called after each entry.
    SessionLog(
        log::TransactionLog& log,
        std::string node,
        std::uint64_t session,
        Settings settings,
        std::function<void()> posted
    )
        : log_(log),
          node_(std::move(node)),
          session_(session),
          settings_(std::move(settings)),
          posted_(std::move(posted)) {}

    /// The peer, as far as known: set again when its name is.
    void set_peer(const Peer& peer) { peer_ = peer; }
    /// Who owns the entries: whether mail.log gets any, and what they show (LOG_CONNECTION). The
    /// server's default channel owns the connection's arrival, O X T; the source channel, as far as
    /// a switch has moved the session, owns the rest. `options` outlive this.
    void set_default_channel(const channel::Channel& channel, const log::LogOptions& options);
    void set_channel(const channel::Channel& source, const log::LogOptions& options);
    /// From here on the session is encrypted: "TLSv1.3-256-…".
    void set_tls(std::string info) { tls_ = std::move(info); }
    /// Text behind "||" of PORT_ACCESS.
    void set_access_text(std::string text) { access_text_ = std::move(text); }

    void opened();
    /// How the session came to its end; `bytes` of all messages accepted.
    struct Ending {
        std::string_view reason;  ///< empty after QUIT
        log::Cause cause = log::Cause::none;
        std::uint64_t messages = 0;
        std::uint64_t bytes = 0;
        std::string hello = {};  ///< what the client called itself
    };
    void closed(const Ending& ending);
    void refused(const access::Verdict& verdict);
    void refused(std::string_view diagnostic);
    /// The client spoke (Cause::sent_data), or went, before the greeting.
    void early_talk(log::Cause cause);
    /// The sender's domain was found in the DNS, or need not be there.
    void sender_looked_up(
        const smtp::ServerSession& session, std::string_view sender, log::Cause how
    );
    /// Remarks of routines about the client.
    void screened(const std::vector<std::string>& remarks);
    void verified(std::string_view address);
    void expanded(std::string_view address);
    void etrn(std::string_view argument, const smtp::Reply& reply);
    /// AUTH came to its end. `user` as far as it is known; `reason` in a few words where it failed.
    void login(
        const smtp::ServerSession& session,
        const std::string& user,
        const smtp::Reply& reply,
        std::string_view reason,
        std::string_view mechanism = {}
    );
    /// Who is logged in, "*amy": what entries of messages say from here on.
    void set_user(std::string user) { user_ = std::move(user); }

    void bad_command(
        const smtp::ServerSession& session, const smtp::server_action::BadCommand& bad
    );
    /// MAIL begins a transaction, whatever comes of it.
    void sender_accepted(const smtp::ServerSession& session, std::string_view sender);
    /// MAIL: no recipient yet.
    void sender_refused(
        const smtp::ServerSession& session,
        std::string_view sender,
        const smtp::Reply& reply,
        log::Cause cause = log::Cause::none
    );
    void recipient_accepted(const smtp::ServerSession& session, std::string_view recipient);
    /// LOG_RCPT_TRACE: where a recipient was looked for.
    void recipient_looked_for(
        const smtp::ServerSession& session,
        std::string_view recipient,
        const std::vector<SearchStep>& steps
    );
    /// The transaction is over, one way or the other.
    void transaction_ended();
    void recipient_refused(
        const smtp::ServerSession& session,
        const Transaction& transaction,
        const std::optional<OriginalRecipient>& original,
        std::string_view recipient,
        const smtp::Reply& reply,
        log::Cause cause = log::Cause::none
    );
    /// A whole message, one entry for each accepted recipient.
    /// `filter`: what filters said.
    void message_refused(
        const smtp::ServerSession& session,
        const Transaction& transaction,
        const smtp::Reply& reply,
        std::string_view filter = {}
    );
    /// The client vanished in the data.
    void message_aborted(
        const smtp::ServerSession& session,
        const Transaction& transaction,
        std::uint64_t octets,
        std::string_view reason
    );

    /// What E entries say about the source.
    [[nodiscard]] log::Event enqueue_template(const smtp::ServerSession& session) const;
    [[nodiscard]] const log::LogOptions& options() const { return *owner_.options; }

private:
    struct Owner {
        std::string channel;
        bool logs = false;
        const log::LogOptions* options = nullptr;
    };
    static Owner owner_of(const channel::Channel& channel, const log::LogOptions& options);
    [[nodiscard]] log::Event connection_event(log::EventKind kind) const;
    /// "SMTP"; over TLS "SMTP/helo/TLS-information".
    [[nodiscard]] std::string application(const std::string& hello) const;
    [[nodiscard]] log::Event arrival_event(log::EventKind kind) const;
    [[nodiscard]] log::Event message_event(log::EventKind kind, const smtp::ServerSession& session)
        const;
    void post(std::span<log::Event> events, const Owner& owner);
    void post(std::span<log::Event> events) { post(events, owner_); }
    void post(log::Event event) { post(std::span(&event, 1)); }
    [[nodiscard]] log::Event refusal(
        const smtp::ServerSession& session, const Transaction& transaction, const smtp::Reply& reply
    ) const;
    void post_refusals(std::vector<log::Event> events);
    void post_blocked(log::Cause cause, std::uint64_t& count);
    [[nodiscard]] bool wants(log::EventKind kind, const Owner& owner) const {
        return log_.wants(kind, owner.logs, *owner.options);
    }
    [[nodiscard]] bool wants(log::EventKind kind) const { return wants(kind, owner_); }

    log::TransactionLog& log_;
    std::string node_;
    std::uint64_t session_;
    Settings settings_;
    std::function<void()> posted_;
    Peer peer_;
    Owner arrival_;
    Owner owner_;
    std::string access_text_;
    std::string tls_;
    std::string user_;
    std::size_t j_entries_ = 0;
    WallTime begin_ = system_clock().wall_now();
    WallTime transaction_begin_{};
    // Of the transaction.
    std::string sender_;
    std::uint64_t relays_denied_ = 0;
    std::uint64_t blocked_ = 0;
};

}  // namespace sluice::smtp_server
