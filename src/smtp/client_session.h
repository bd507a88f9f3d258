#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/capabilities.h"
#include "smtp/client_event.h"
#include "smtp/client_settings.h"
#include "smtp/data_encoder.h"
#include "smtp/reply_reader.h"

namespace sluice::smtp {

/// The client's end of one SMTP or LMTP connection over any number of messages, without socket,
/// clock or queue. The shell connects, feeds what the peer says, does what the events say, and
/// writes the output.
///
///     ClientSession session(settings);
///     ... feed() until Ready; look at capabilities(), convert the message if need be
///     session.begin(message);                 // MAIL, RCPT ... DATA, pipelined where offered
///     ... feed(): RecipientDone for refused ones, SendBody -> append_body() ..., end_body()
///     ... feed(): RecipientDone for the others, TransactionDone -> begin() again or quit()
///
/// The output must be written whenever an event comes back; append_body() only adds to it, so the
/// shell writes after each piece and memory does not depend on the message's size.
///
/// States, and what moves between them:
///
///     hello      greeting, EHLO, HELO; 220 to STARTTLS -> tls; AskAuth -> auth; else -> ready
///     tls        tls_started() -> hello (EHLO again)
///     auth       auth_finished() -> ready
///     ready      begin() -> envelope; quit() -> quitting
///     envelope   replies to MAIL, RCPT, DATA; 354 -> body; nobody accepted -> ready
///     body       end_body() -> dot; a chunk is refused -> dot
///     dot        one reply (LMTP: one per accepted recipient) -> ready
///     quitting   a reply -> closed
///     closed     Unusable or Finished for every call
///
/// Every failure that is not the peer's clear 5yz is temporary. 421 anywhere, a reply that is none,
/// a 2yz where 354 belongs: the connection is given up. A transaction that failed is followed by
/// RSET before the next MAIL.
///
/// Where the peer offers CHUNKING and PIPELINING the message goes out in chunks (BDAT), the replies
/// to which may come at any time; from envelope to body it takes the last reply to a RCPT.
/// Not thread-safe. RFC 5321; 1870, 2033, 2920, 3030, 3461, 6152, 6531.
class ClientSession {
public:
    explicit ClientSession(std::shared_ptr<const ClientSettings> settings);

    /// Uses octets from the front of `input` until there is something to report.
    ClientEvent feed(std::string_view& input);

    /// Whether begin() is allowed now.
    [[nodiscard]] bool can_begin() const;
    /// Starts a transaction; can_begin() must hold, there must be a recipient. What the peer cannot
    /// take by what it offers (size, 8-bit content, UTF-8 addresses) fails without a command sent.
    void begin(OutgoingMessage message);
    /// After SendBody: octets of the message in order, cut anywhere, any line ends.
    void append_body(std::string_view octets);
    void end_body();
    /// While the body is being sent: the message cannot be read to its end. Without the final dot
    /// nothing is delivered; the connection is of no further use, the recipients are temporary.
    void abandon_body(const std::string& why);

    void tls_started();
    /// No TLS has come of the handshake, or one that will not do; `why` is for the log.
    void tls_failed(const std::string& why);
    /// Sends a line as it is ("AUTH PLAIN …", or an answer to 334).
    void auth_command(std::string_view line);
    /// No more commands of AUTH: it has succeeded, or it was not begun.
    void auth_finished(bool success);
    /// It was begun and has failed: what is sent now would be refused for good, or be sent by
    /// somebody else than the site wants.
    void auth_failed(const std::string& why);
    [[nodiscard]] bool is_authenticated() const { return authenticated_; }

    /// Says QUIT; Finished or Unusable comes. Only where begin() or a further AUTH could come.
    void quit();

    /// The deadline of phase() has passed.
    void on_timeout();
    /// The peer closed, or reading or writing failed; `what` is for the log.
    void on_disconnect(const std::string& what = "Error reading SMTP packet");

    [[nodiscard]] std::string take_output();
    [[nodiscard]] bool has_output() const { return !output_.empty(); }

    /// What is being waited for, or written: STATUS_MAIL_RECEIVE_TIME for mail and so on.
    [[nodiscard]] Phase phase() const;
    [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }
    /// The text of the greeting, lines joined by a blank, without the code.
    [[nodiscard]] std::string banner() const;
    [[nodiscard]] bool is_tls() const { return tls_; }
    [[nodiscard]] std::size_t transactions() const { return transactions_; }
    /// Recipients whose RCPT was accepted in the current transaction.
    [[nodiscard]] std::size_t accepted_recipients() const { return accepted_.size(); }
    /// Whether messages go out by BDAT.
    [[nodiscard]] bool uses_chunks() const;

private:
    enum class State { hello, tls, auth, ready, envelope, body, dot, quitting, closed };
    enum class Command {
        greeting,
        ehlo,
        helo,
        starttls,
        auth,
        rset,
        mail,
        rcpt,
        data,
        bdat,
        dot,
        lone_dot,
        quit,
    };
    struct Pending {
        Command command = Command::greeting;
        std::size_t recipient = 0;
    };
    enum class RecipientState { open, accepted, done };
    struct Recipient {
        RecipientState state = RecipientState::open;
        Reply reply;
    };

    // client_session.cpp
    std::optional<ClientEvent> next_event();
    void on_reply(const Reply& reply, std::string_view& input);
    void on_unexpected_reply(const Reply& reply);
    void send_command(Command command, std::string_view line, std::size_t recipient = 0);
    static Phase phase_of(Command command);
    void give_up(client_event::Unusable::Reason reason, Phase phase, const Reply& reply);
    void nonsense(Phase phase, const Reply& reply);

    // client_hello.cpp
    void on_greeting(const Reply& reply);
    void on_hello(const Reply& reply, bool extended);
    void on_starttls(const Reply& reply, std::string_view& input);
    void say_hello(bool extended);
    [[nodiscard]] bool wants_ehlo(const Reply& greeting) const;
    void after_hello();
    void after_tls();

    // client_envelope.cpp
    [[nodiscard]] std::optional<Reply> local_refusal() const;
    [[nodiscard]] std::optional<Reply> local_refusal(const OutgoingRecipient& recipient) const;
    [[nodiscard]] bool says_smtputf8() const;
    [[nodiscard]] std::string mail_line() const;
    [[nodiscard]] std::string rcpt_line(std::size_t index) const;
    void pump();
    bool send_next_command();
    [[nodiscard]] bool has_open_recipient() const;
    void on_mail(const Reply& reply);
    void on_rcpt(std::size_t index, const Reply& reply);
    [[nodiscard]] bool is_permanent_552(const Reply& reply) const;

    // client_data.cpp
    void on_data(const Reply& reply);
    void on_dot(std::size_t index, const Reply& reply);
    void on_early_reply(const Reply& reply);
    void begin_body(bool with_dots);
    static client_event::Outcome failure_of(const Reply& reply);
    void fail_open_recipients(Phase where, const Reply& reply);
    void deliver(std::size_t index, const Reply& final_reply);
    void recipient_done(
        std::size_t index,
        client_event::Outcome outcome,
        Phase where,
        const Reply& reply,
        bool in_doubt = false
    );
    void finish_transaction(bool needs_reset);

    // client_chunks.cpp
    void send_chunk(bool is_last);
    void on_chunk(const Reply& reply);

    std::shared_ptr<const ClientSettings> settings_;
    State state_ = State::hello;
    ReplyReader reader_;
    std::deque<Pending> pending_;
    std::deque<ClientEvent> events_;
    ClientEvent last_event_;  // of a closed session
    std::string output_;
    Reply greeting_;
    Capabilities capabilities_;
    bool tls_ = false;
    bool authenticated_ = false;

    OutgoingMessage message_;
    std::vector<Recipient> recipients_;
    std::vector<std::size_t> accepted_;
    std::size_t next_recipient_ = 0;  // to be sent
    std::size_t delivered_ = 0;
    bool mail_sent_ = false;
    bool mail_failed_ = false;
    bool data_sent_ = false;
    bool needs_reset_ = false;
    DataEncoder encoder_;
    std::string chunk_;  // the next BDAT, not complete yet
    std::size_t transactions_ = 0;
};

}  // namespace sluice::smtp
