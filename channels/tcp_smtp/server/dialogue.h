#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "access/probes.h"
#include "access/verdict.h"
#include "base/result.h"
#include "enqueue/message_builder.h"
#include "etrn.h"
#include "filter/judgement.h"
#include "filter/session_filters.h"
#include "filtered_message.h"
#include "login.h"
#include "lookup/gathering.h"
#include "policy/recipient.h"
#include "qmail_log/transcript.h"
#include "server_context.h"
#include "session_log.h"
#include "session_trace.h"
#include "smtp/server_session.h"
#include "tls/facts.h"
#include "transaction.h"

namespace sluice::smtp_server {

/// One SMTP session without its socket: the protocol core, the decisions of the policy, the message
/// being written, the log. The shell moves octets and waits:
///
///     dialogue.open(name);                 PORT_ACCESS, source channel, entry O
///     while (dialogue.must_wait())         step task or filter, as below
///     dialogue.greet();
///     while (true) {
///         Step step = dialogue.advance(input);
///         write dialogue.take_output();
///         input    read more, within the deadline of waiting()
///         flush    go on with the same input
///         pause    wait for pause(), then resume()
///         commit   commit take_prepared(), then on_committed()
///         task     run take_task() where it may block, then on_answered()
///         tls      do the handshake, then on_tls() or on_tls_failed(); no octet that was read
///                  before may be used after it
///         filter   settle *filter_line(), then on_filter_settled()
///         close    close the socket; finish()
///     }
///
/// Writing message files happens here, on the caller's thread: the page cache takes it. Waiting for
/// the disk does not. Not thread-safe; a session stays on one thread.
class Dialogue {
public:
    enum class Step { input, flush, pause, commit, task, filter, tls, close };
    using Task = std::function<void()>;
    /// Where a task runs: those that may take minutes, and those that are about log-ins, must not
    /// keep the others from their turn.
    enum class TaskLane : std::uint8_t { quick, slow, login };

    /// `log_posted` is called when log entries wait for a flush. `context` outlives the dialogue.
    Dialogue(
        ServerContext& context, Peer peer, std::uint64_t session, std::function<void()> log_posted
    );

    /// Who the client's system says it is (RFC 1413). Before open().
    void set_client_user(std::string user) { peer_.ident = std::move(user); }
    /// The connection began with TLS (port 465). Before open().
    void begin_in_tls(tls::Facts facts);
    /// Decides about the connection, if need be after some tasks.
    /// `done_before`: the effects that the dispatcher has carried out (access::Verdict::effects());
    /// the same ones are not carried out again.
    void open(std::string peer_name, std::string done_before = {});
    /// How long the greeting is to be held back for, once that is decided.
    [[nodiscard]] std::chrono::milliseconds greeting_delay() const { return greeting_delay_; }
    /// Greets, or refuses the connection where open() decided so.
    void greet();
    /// The client sent something before the greeting, as BANNER_EARLYTALK=reject has it.
    void refuse_early_talker();
    /// For the logs: the client said something before the greeting, or went.
    void note_early_talk(bool disconnected);
    /// The session ends before its greeting without a word.
    void abandon(std::string_view reason);

    Step advance(std::string_view& input);

    [[nodiscard]] std::chrono::milliseconds pause() const;
    void resume();
    [[nodiscard]] enqueue::PreparedMessage take_prepared();
    void on_committed(const Result<void>& outcome);
    [[nodiscard]] bool has_task() const { return task_ != nullptr; }
    [[nodiscard]] Task take_task() { return std::exchange(task_, nullptr); }
    [[nodiscard]] TaskLane task_lane() const { return task_lane_; }
    void on_answered();
    /// The content filter whose answer is awaited; nullptr: none is.
    [[nodiscard]] filter::FilterLine* filter_line() const { return filter_line_; }
    void on_filter_settled();
    [[nodiscard]] bool must_wait() const { return has_task() || filter_line_ != nullptr; }
    /// The filters of the session; nullptr: there are none.
    [[nodiscard]] filter::SessionFilters* filters() { return filters_ ? &*filters_ : nullptr; }

    /// The handshake that Step::tls asked for is over.
    void on_tls(tls::Facts facts);
    void on_tls_failed(std::string_view why);
    /// What is known of the session's TLS; nullptr: it has none.
    [[nodiscard]] const tls::Facts* tls() const { return tls_.get(); }

    void on_timeout();
    void on_shutdown() { core_->on_shutdown(); }
    void on_disconnect() { core_->on_disconnect(); }

    [[nodiscard]] std::string take_output();
    [[nodiscard]] bool has_output() const { return !holds_output_ && core_->has_output(); }
    [[nodiscard]] smtp::ServerSession::Waiting waiting() const { return core_->waiting(); }
    /// Commands answered, octets of data that came: what a deadline counts as progress. Those of a
    /// message that is refused count as well: its client hears why at the end, if it gets there.
    [[nodiscard]] std::uint64_t commands() const { return commands_; }
    [[nodiscard]] std::uint64_t data_octets() const { return core_->data_octets(); }

    /// Writes entry C. Call once, after the socket is done with.
    void finish();
    /// For the dispatcher: one word or few.
    [[nodiscard]] std::string outcome() const;

private:
    struct Handler;
    friend struct Handler;

    // dialogue.cpp
    void answer(smtp::Reply reply, std::chrono::milliseconds own_delay = {});
    void give_to_core(const smtp::Reply& reply);
    [[nodiscard]] bool must_hold_output() const;
    [[nodiscard]] smtp::ServerAction feed(std::string_view& input);
    void enter_channel();
    void begin_transcript();
    void finish_open(access::Verdict verdict, std::string_view done_before);
    void start_task(Task task, std::function<void()> then, TaskLane lane = TaskLane::quick);
    /// The same for a task that ends in a reply.
    void ask_elsewhere(
        std::function<smtp::Reply()> task, std::function<void(const smtp::Reply&)> then
    );
    /// Calls `decide` with the outside answers, again and again while an answer is awaited, and
    /// then `then` with what it decided. `decide` must not change anything.
    template <class Decision>
    void consult(
        std::function<Decision(mapping::Answers&)> decide, std::function<void(Decision)> then
    );
    void set_debug_level();
    void take_effects(const access::Verdict& verdict);
    [[nodiscard]] access::Session access_session() const;
    void on_close(smtp::server_action::CloseReason reason);
    [[nodiscard]] log::Cause ending_cause() const;

    // dialogue_tls.cpp
    void take_tls(tls::Facts facts);
    void offer_tls();
    void tell_filters_tls();
    /// Where tlsswitchchannel leads from `source`.
    [[nodiscard]] const channel::Channel& tls_source(const channel::Channel& source) const;
    // dialogue_auth.cpp
    [[nodiscard]] auth::Circumstances login_circumstances() const;
    void note_auth_abilities();
    void ask_auth(smtp::server_action::AskAuth ask);
    void take_auth_response(smtp::server_action::AuthResponse response);
    void step_login(std::optional<auth::Secret> response);
    void take_login_step(auth::Step step);
    void check_login(auth::Identity who);
    void finish_login(const auth::Identity& who, const access::Verdict& verdict);
    void end_login(
        const smtp::Reply& reply,
        const std::string& user,
        std::string_view reason,
        std::chrono::milliseconds delay = {}
    );
    /// Who is logged in; nullptr: nobody.
    [[nodiscard]] const auth::Identity* identity() const;
    [[nodiscard]] std::string authenticated_mail() const;
    /// Another source channel: what it says holds from the next command on.
    void switch_source(const channel::Channel& source);

    // dialogue_envelope.cpp: MAIL, RCPT
    void ask_mail(smtp::MailCommand command);
    [[nodiscard]] std::optional<smtp::Reply> no_room_for(const smtp::MailCommand& command);
    void finish_mail(const smtp::Reply& reply, std::chrono::milliseconds own_delay);
    void refuse_sender(
        const smtp::MailCommand& command,
        const smtp::Reply& reply,
        std::chrono::milliseconds own_delay,
        log::Cause cause = log::Cause::none
    );
    void accept_sender(const smtp::Reply& reply, std::chrono::milliseconds own_delay);
    void ask_recipient(const smtp::RcptCommand& command);
    void show_search(
        const smtp::RcptCommand& command,
        const policy::Trace& trace,
        const policy::RecipientDecision& decision
    );
    void finish_recipient(const smtp::RcptCommand& command, policy::RecipientDecision decision);
    void accept_recipient(
        const smtp::RcptCommand& command,
        policy::RecipientDecision decision,
        std::chrono::milliseconds own_delay
    );
    [[nodiscard]] policy::RecipientProbe recipient_probe(const smtp::RcptCommand& command) const;
    void finish_sender(smtp::MailCommand command, policy::SenderDecision decision);
    void log_failed_members(
        const smtp::RcptCommand& command, const policy::RecipientDecision& decision
    );
    void refuse_recipient(
        const smtp::RcptCommand& command,
        std::string_view current,
        const smtp::Reply& reply,
        std::chrono::milliseconds own_delay,
        log::Cause cause = log::Cause::none
    );
    void log_recipient_refused(
        const smtp::RcptCommand& command,
        std::string_view current,
        const smtp::Reply& reply,
        log::Cause cause = log::Cause::none
    );
    [[nodiscard]] log::Cause refusal_cause(const policy::RecipientDecision& decision) const;
    [[nodiscard]] std::optional<smtp::Reply> too_big_for(const policy::RecipientDecision& decision
    ) const;
    void refused_by_core(const smtp::server_action::Refused& refused);
    void bad_command(const smtp::server_action::BadCommand& bad);
    void lose_patience();

    // dialogue_data.cpp: DATA and what becomes of it
    void begin_data();
    void take_data(std::string_view octets);
    void after_writing(const Result<void>& written);
    void await_headers(std::function<void()> then);
    void end_data();
    void finish_message();
    void on_finished(Result<enqueue::PreparedMessage> prepared);
    void abort(const smtp::server_action::Abort& abort);
    [[nodiscard]] enqueue::Submission make_submission() const;
    [[nodiscard]] std::unique_ptr<enqueue::HeaderWork> make_header_work() const;
    [[nodiscard]] message::ReceivedLine received_line() const;
    void set_message_limits();
    /// Of the message in hand, as it is kept.
    [[nodiscard]] std::uint64_t kept_octets() const;
    void refuse_message(const smtp::Reply& reply);
    void end_message(
        const smtp::Reply& reply, std::chrono::milliseconds own_delay = std::chrono::milliseconds(0)
    );
    [[nodiscard]] std::chrono::milliseconds inflow_wait() const;

    // dialogue_filter.cpp: content filters through the session and at the end of the data
    using AfterFilters = std::function<void(const std::optional<smtp::Reply>&)>;
    void open_filters();
    void finish_opening(const std::optional<smtp::Reply>& filter_refusal);
    void ask_filters(AfterFilters then);
    void tell_filters_hello();
    void tell_filters_recipient(
        const std::string& path,
        const std::vector<std::string>& parameters,
        const smtp::Reply& reply,
        std::function<void()> then
    );
    void filter_sender(const smtp::Reply& accepted, std::chrono::milliseconds own_delay);
    void filter_recipient(
        const smtp::RcptCommand& command,
        policy::RecipientDecision decision,
        std::chrono::milliseconds own_delay
    );
    void filter_data();
    void filter_content();
    void next_filter();
    void show_content();
    void judge_content();
    void take_judgement(filter::Judgement judgement);
    void next_envelope_change();
    void add_recipient(const milter::AddRecipient& wanted);
    void change_sender(const milter::ChangeSender& wanted);
    void end_filters();
    void enqueue_filtered();
    void feed_builder();
    void apply_judgement(enqueue::Submission& submission) const;

    // dialogue_queries.cpp: VRFY, EXPN, ETRN, XADR, XSTA, XCIR, XGEN
    void ask_verify(const smtp::server_action::AskVerify& question);
    void ask_expand(const std::string& argument);
    void ask_private(const smtp::server_action::AskPrivate& question);
    void ask_status(const std::string& argument);
    void ask_etrn(const std::string& argument);
    void finish_etrn(
        const std::string& argument, const std::variant<EtrnOrder, smtp::Reply>& planned
    );

    ServerContext& context_;
    Peer peer_;
    const std::uint64_t session_;
    const channel::Channel* source_;
    std::optional<smtp::ServerSession> core_;
    SessionLog log_;
    SessionTrace trace_;
    std::optional<qmail_log::Transcript> transcript_;
    ServerContext::Admission admission_{std::string(access::default_rule_set)};
    std::unique_ptr<const tls::Facts> tls_;
    std::shared_ptr<Login> login_;  ///< while AUTH is under way; a task may have it as well
    std::optional<auth::Identity> identity_;  ///< see identity()
    std::optional<access::Verdict> port_refusal_;
    std::optional<smtp::Reply> late_refusal_;  ///< of each recipient, by PORT_ACCESS
    bool disk_full_ = false;
    bool opened_ = false;
    bool closed_ = false;
    smtp::server_action::CloseReason close_reason_ = smtp::server_action::CloseReason::disconnect;
    std::string abandoned_;
    std::uint64_t commands_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t message_bytes_ = 0;   ///< of all messages accepted
    std::uint64_t message_octets_ = 0;  ///< of the one in hand, once it is complete

    std::optional<Transaction> transaction_;
    std::unique_ptr<enqueue::MessageBuilder> builder_;
    std::optional<filter::SessionFilters> filters_;
    filter::FilterLine* filter_line_ = nullptr;
    std::string told_hello_;  ///< to the filters
    std::function<void()> on_line_settled_;
    std::optional<smtp::Reply> filter_refusal_;  ///< of the connection
    std::unique_ptr<FilteredMessage> filtered_;  ///< while its content is with the filters
    std::optional<std::uint64_t> size_limit_;    ///< of this message, below the protocol's own
    std::optional<std::uint64_t> line_limit_;
    std::uint64_t lines_ = 0;
    bool data_refused_ = false;

    std::optional<smtp::Reply> pending_reply_;
    std::function<void()> after_pause_;  ///< instead of a reply
    bool holds_output_ = false;          ///< what is to be sent waits for resume()
    bool output_is_due_ = false;         ///< it has waited, or may go at once
    std::chrono::milliseconds pause_{0};
    bool short_of_patience_ = false;  ///< fewer bad commands are taken: the service is under stress
    std::optional<enqueue::PreparedMessage> prepared_;
    std::string envelope_id_;
    Task task_;
    TaskLane task_lane_ = TaskLane::quick;
    std::function<void()> on_task_done_;
    std::chrono::milliseconds greeting_delay_{0};
};

/// The lines of a refusal as the access room made them: "554 5.7.1 text", "554-5.7.1 text".
smtp::Reply reply_of(const access::Reply& refusal);

/// Parameters of RCPT as filters are told of them.
std::vector<std::string> parameters_of(const smtp::RcptCommand& rcpt);

/// What a client is told when its message could not be written: 452 for a full disk, 451 for other
/// trouble of ours, 554 for content that never can be taken.
smtp::Reply reply_for_failure(const Error& error);

template <class Decision>
void Dialogue::consult(
    std::function<Decision(mapping::Answers&)> decide, std::function<void(Decision)> then
) {
    struct Round {
        Dialogue& self;
        lookup::Gathering answers;
        std::function<Decision(mapping::Answers&)> decide;
        std::function<void(Decision)> then;

        static void make(const std::shared_ptr<Round>& round) {
            round->answers.begin();
            Decision decision = round->decide(round->answers);
            if (!round->answers.is_pending()) {
                round->self.log_.screened(round->answers.remarks());
                return round->then(std::move(decision));
            }
            round->self.start_task([round] { round->answers.settle(); }, [round] { make(round); });
        }
    };
    Round::make(std::shared_ptr<Round>(new Round{
        *this, lookup::Gathering(context_.outside), std::move(decide), std::move(then)}));
}

}  // namespace sluice::smtp_server
