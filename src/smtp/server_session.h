#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/binary_content.h"
#include "smtp/command_parser.h"
#include "smtp/data_decoder.h"
#include "smtp/line_reader.h"
#include "smtp/reply.h"
#include "smtp/server_action.h"
#include "smtp/server_settings.h"

namespace sluice::smtp {

/// The server's end of one SMTP or LMTP connection, without socket, clock or policy. The shell
/// feeds it the peer's octets, does what the returned action says, answers its questions, and
/// writes its output.
///
///     session.greet();
///     while (true) {
///         ServerAction action = session.feed(input);      // moves `input` past what was used
///         NeedInput    write take_output(), wait for more octets within the deadline of waiting()
///         AskMail ...  session.answer(reply), now or later
///         DataChunk    write the octets to the message file
///         EndData      commit, then session.answer(...)
///         Close        write take_output(), close the socket
///     }
///
/// Octets that were not used stay with the shell: its read buffer is the ceiling of what a peer can
/// pipeline ahead. Replies to pipelined commands gather in the output (RFC 2920 section 3.2), which
/// must be written before waiting for the peer.
///
/// States, and what moves between them:
///
///     greeting   greet() -> command; refuse() -> closed
///     command    a line: reply, or question -> answer; DATA accepted -> data; STARTTLS -> tls;
///                QUIT, 421 -> closed
///     answer     answer() -> command, data, auth or closed; the input rests
///     data       octets -> DataChunk; CR LF . CR LF -> EndData -> answer, or a refusal -> command
///     chunk      (BDAT) the announced octets -> DataChunk; then command or EndData -> answer
///     auth       a line -> AuthResponse -> answer
///     tls        tls_started() -> command, as after the greeting; tls_failed() -> closed
///     closed     nothing but Close
///
/// A transaction runs from an accepted MAIL to the answer to EndData or to Abort. Not thread-safe;
/// a session stays on one thread. RFC 5321, 2033; extensions: 1870, 2034, 2920, 3030, 3207, 3461,
/// 4954, 6152, 6531.
class ServerSession {
public:
    enum class Waiting { nothing, command, data, answer, tls };

    explicit ServerSession(std::shared_ptr<const ServerSettings> settings);

    /// The greeting. First call, or refuse() instead.
    void greet();
    /// Sends `reply` in place of the greeting and closes.
    void refuse(const Reply& reply, server_action::CloseReason reason);

    /// Uses octets from the front of `input` until the shell has something to do.
    ServerAction feed(std::string_view& input);

    /// Answers the open question. 421 also closes the connection.
    void answer(const Reply& reply);
    /// As answer(), and closes the connection whatever the code.
    void answer_and_close(const Reply& reply);
    /// While data come in: the message will be refused with `reply` at its end; no more DataChunk.
    void refuse_data(const Reply& reply);

    /// The connection began with TLS (port 465). Before greet().
    void begin_in_tls() { tls_ = true; }
    /// Whether STARTTLS can be followed by a handshake now, where the settings offer it.
    void set_tls_available(bool available) { tls_available_ = available; }
    /// TLS is up: everything learnt from the client before is forgotten (RFC 3207 section 4.2).
    void tls_started();
    /// The handshake failed: nobody knows any more what the octets on the connection mean.
    void tls_failed();

    /// What of the offered mechanisms this TLS session can serve: what is bound to it (-PLUS), and
    /// EXTERNAL, which needs a client certificate that was found good. Forgotten by tls_started().
    struct AuthAbilities {
        bool channel_binding = false;
        bool certificate = false;
    };
    void set_auth_abilities(AuthAbilities abilities) { auth_abilities_ = abilities; }
    /// The next line is the answer to a challenge: not for any log.
    [[nodiscard]] bool awaits_auth_response() const { return state_ == State::auth; }

    /// The deadline of waiting() has passed. Not for Waiting::answer: that is the shell's own
    /// delay.
    void on_timeout();
    /// The server stops: 421 at the next point where no message is under way.
    void on_shutdown();
    /// The peer is gone. An open question stays open: a message that is being committed is kept,
    /// its reply goes nowhere.
    void on_disconnect();

    /// Bytes for the peer since the last call.
    [[nodiscard]] std::string take_output();
    [[nodiscard]] bool has_output() const { return !output_.empty(); }

    [[nodiscard]] Waiting waiting() const;
    [[nodiscard]] bool finished() const { return state_ == State::closed && events_.empty(); }

    /// HELO, EHLO argument as given; empty before.
    [[nodiscard]] const std::string& hello_name() const { return hello_name_; }
    /// EHLO or LHLO
    [[nodiscard]] bool is_esmtp() const { return esmtp_; }
    [[nodiscard]] bool is_tls() const { return tls_; }
    [[nodiscard]] bool is_authenticated() const { return authenticated_; }
    [[nodiscard]] bool is_smtputf8() const { return in_transaction_ && smtputf8_; }
    /// The message of the transaction comes by BDAT.
    [[nodiscard]] bool is_chunking() const { return chunking_; }
    [[nodiscard]] bool in_transaction() const { return in_transaction_; }
    [[nodiscard]] std::size_t accepted_recipients() const { return accepted_; }
    /// What has come of the message in hand, also once it is refused and thrown away.
    [[nodiscard]] std::uint64_t data_octets() const { return data_octets_; }
    /// Transactions opened in this connection.
    [[nodiscard]] std::size_t transactions() const { return transactions_; }
    [[nodiscard]] const ServerSettings& settings() const { return *settings_; }

    /// Replaces the settings from the next command on, when authentication or the sender has moved
    /// the session to another channel. Line limits and line endings of commands stay.
    void change_settings(std::shared_ptr<const ServerSettings> settings);

private:
    enum class State { greeting, command, answer, data, chunk, auth, tls, closed };
    enum class Question {
        none,
        mail,
        recipient,
        verify,
        other,
        begin_data,
        begin_chunks,
        end_data,
        auth,
    };
    enum class Fault { malformed, unknown, hostile };
    struct Verb;

    // server_session.cpp: the machine
    std::optional<ServerAction> next_event();
    bool read_command(std::string_view& input);
    void handle_line(const LineReader::Line& line);
    void handle_command(std::string_view line);
    [[nodiscard]] std::optional<Reply> line_fault(std::string_view line) const;
    void dispatch_answer(Question question, const Reply& reply);
    static const Verb* find_verb(std::string_view name);

    // server_outcome.cpp: what every command ends in
    void ask(Question question, ServerAction action);
    void send(const Reply& reply);
    void send_about_message(const Reply& reply);
    void bad_command(std::string_view line, const Reply& reply, Fault fault = Fault::malformed);
    void bad_argument(const Reply& reply) { bad_command(current_line_, reply); }
    void close(server_action::CloseReason reason);
    void close_with(const Reply& reply, server_action::CloseReason reason);
    void abort_transaction(server_action::AbortReason reason, const Reply& reply = {});
    void clear_transaction();
    void refused(server_action::Refused::What what, std::string address, const Reply& reply);

    // cmd_hello.cpp
    void cmd_ehlo(std::string_view argument);
    void cmd_lhlo(std::string_view argument);
    void extended_hello(std::string_view argument);
    void cmd_helo(std::string_view argument);
    bool accept_hello(std::string_view argument);
    [[nodiscard]] std::vector<std::string> extension_lines() const;
    [[nodiscard]] bool offers_tls() const { return settings_->starttls && tls_available_; }
    [[nodiscard]] bool offers_auth() const { return !auth_mechanisms().empty(); }
    [[nodiscard]] std::vector<std::string> auth_mechanisms() const;

    // cmd_mail.cpp
    void cmd_mail(std::string_view argument);
    [[nodiscard]] std::optional<Reply> refuse_mail_now() const;
    bool closed_by_recipient_limit();
    void on_mail_answer(const Reply& reply);

    // cmd_rcpt.cpp
    void cmd_rcpt(std::string_view argument);
    [[nodiscard]] std::optional<Reply> recipient_limit() const;
    void on_recipient_answer(const Reply& reply);

    // cmd_data.cpp, cmd_bdat.cpp
    void cmd_data(std::string_view argument);
    [[nodiscard]] std::optional<Reply> data_out_of_sequence() const;
    bool refuse_message_now();
    void start_decoder(bool dots);
    void on_begin_data_answer(const Reply& reply);
    std::optional<ServerAction> feed_data(std::string_view& input);
    std::string_view message_octets(std::string_view& input);
    [[nodiscard]] std::optional<Reply> data_fault() const;
    [[nodiscard]] bool is_discarding() const { return data_fault().has_value(); }
    bool refuse_bad_message();
    void end_of_message();
    void on_end_data_answer(const Reply& reply);
    void cmd_bdat(std::string_view argument);
    void on_begin_chunks_answer(const Reply& reply);
    std::optional<ServerAction> feed_chunk(std::string_view& input);
    void end_of_chunk();
    void give_tail();
    void forget_unseen_octets();
    [[nodiscard]] std::uint64_t message_size() const {
        return binary_ ? binary_->octets() : decoder_.octets();
    }

    // cmd_session.cpp: RSET, NOOP, QUIT, HELP
    void cmd_rset(std::string_view argument);
    void cmd_noop(std::string_view argument);
    void cmd_quit(std::string_view argument);
    void cmd_help(std::string_view argument);

    // cmd_verify.cpp
    void cmd_vrfy(std::string_view argument);
    void cmd_expn(std::string_view argument);
    [[nodiscard]] bool hides_verify() const;
    std::optional<std::string> verify_argument(std::string_view argument);
    [[nodiscard]] bool offers_expand() const;

    // cmd_etrn.cpp
    void cmd_etrn(std::string_view argument);
    void cmd_qsnd(std::string_view argument);

    // cmd_private.cpp: the X-commands, SEND and its kin, TURN
    void cmd_xadr(std::string_view argument);
    void cmd_xsta(std::string_view argument);
    void cmd_xcir(std::string_view argument);
    void cmd_xgen(std::string_view argument);
    void private_command(std::string_view verb, bool enabled, std::string_view argument);
    void cmd_send(std::string_view argument);
    void cmd_turn(std::string_view argument);
    void cmd_atrn(std::string_view argument);

    // cmd_starttls.cpp, cmd_auth.cpp
    void cmd_starttls(std::string_view argument);
    void cmd_auth(std::string_view argument);
    void auth_line(std::string_view line);
    void on_auth_answer(const Reply& reply);

    std::shared_ptr<const ServerSettings> settings_;
    LineReader reader_;
    State state_ = State::greeting;
    Question question_ = Question::none;
    server_action::CloseReason close_reason_ = server_action::CloseReason::quit;
    std::vector<ServerAction> events_;
    std::string output_;
    std::string_view current_line_;  // the command being handled
    bool shutting_down_ = false;
    bool peer_gone_ = false;
    bool input_follows_ = false;     // octets came along with the command being handled
    bool rest_is_early_ = false;     // they should not have
    bool drop_rest_ = false;         // they must not be read
    bool after_auth_ = false;        // that gave no access: what follows may be a password
    std::size_t early_octets_ = 0;   // of the input, sent before the reply they had to wait for
    bool partial_is_early_ = false;  // so was the beginning of the line being read

    // What the client said of itself
    std::string hello_name_;
    bool esmtp_ = false;
    bool tls_ = false;
    bool tls_available_ = true;
    bool authenticated_ = false;
    AuthAbilities auth_abilities_;

    // The transaction
    bool in_transaction_ = false;
    bool smtputf8_ = false;
    std::unique_ptr<BinaryContent> binary_;  ///< after BODY=BINARYMIME
    bool chunking_ = false;
    std::string question_address_;
    bool answers_in_utf8_ = false;  // VRFY or EXPN with SMTPUTF8
    std::size_t accepted_ = 0;
    std::size_t presented_ = 0;
    std::size_t verified_ = 0;
    bool in_data_ = false;
    std::uint64_t chunk_left_ = 0;
    bool last_chunk_ = false;
    DataDecoder decoder_;
    bool tail_is_out_ = false;       ///< of the last chunk: all that is to come has come
    std::uint64_t data_octets_ = 0;  ///< of the message as they came, refused or not
    std::uint64_t discarded_ = 0;
    std::optional<Reply> data_refusal_;  // the shell's, or that of a BDAT out of sequence

    // Counts of the connection
    std::size_t transactions_ = 0;
    std::size_t session_recipients_ = 0;
    std::size_t rejections_ = 0;
    std::size_t bad_commands_ = 0;
    std::size_t b_entries_ = 0;
    std::size_t bad_auths_ = 0;
    std::size_t etrns_ = 0;
};

}  // namespace sluice::smtp
