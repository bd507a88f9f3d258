#include "dialogue.h"

#include <algorithm>
#include <set>

#include "access/access.h"
#include "access/port_decision.h"
#include "base/log.h"
#include "channel/keyword.h"
#include "enqueue/transcripts.h"
#include "limit_notes.h"
#include "log/dialogue_text.h"
#include "net/handoff.h"
#include "policy/recipient.h"
#include "policy/source_channel.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

using namespace smtp::server_action;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds longest_pause_under_stress{1000};

SessionLog::Settings log_settings(const ServerContext& context) {
    SessionLog::Settings settings;
    settings.display = context.connection.naming.log_display;
    settings.max_j_entries = context.connection.max_j_entries;
    settings.application = context.connection.lmtp         ? "LMTP"
                           : context.connection.submission ? "SUBMIT"
                                                           : "SMTP";
    return settings;
}

}  // namespace

smtp::Reply reply_of(const access::Reply& refusal) {
    smtp::Reply reply;
    reply.code = refusal.code;
    for (const std::string& line : refusal.lines)
        reply.lines.push_back(line.size() > 4 ? line.substr(4) : std::string());
    return reply;
}

smtp::Reply reply_for_failure(const Error& error) {
    if (error.is_permanent()) return {554, error.status(), error.text()};
    const bool full = error.status() == StatusCode{4, 3, 1};
    return full ? smtp::Reply(452, {4, 3, 1}, "insufficient system storage")
                : smtp::Reply(451, {4, 3, 0}, "temporary failure, try again later");
}

Dialogue::Dialogue(
    ServerContext& context, Peer peer, std::uint64_t session, std::function<void()> log_posted
)
    : context_(context),
      peer_(std::move(peer)),
      session_(session),
      source_(&context.default_channel),
      log_(
          context.runtime.log(),
          context.runtime.site().node,
          session,
          log_settings(context),
          std::move(log_posted)
      ),
      trace_('[' + peer_.remote.address.to_string() + ']') {
    log_.set_peer(peer_);
    log_.set_default_channel(*source_, context_.plan_of(*source_).log);
}

/// What the source channel says about logs holds from here on.
void Dialogue::enter_channel() {
    log_.set_channel(*source_, context_.plan_of(*source_).log);
    set_debug_level();
    const bool transcribed =
        enqueue::is_transcribed(context_.configuration(), *source_, peer_.remote.address);
    if (transcribed && !transcript_) begin_transcript();
}

void Dialogue::begin_transcript() {
    qmail_log::Transcript::Settings settings;
    settings.session = session_;
    settings.full = context_.full_transcripts;
    transcript_.emplace(settings, enqueue::transcript_writer(context_.transcripts));
}

void Dialogue::open(std::string peer_name, std::string done_before) {
    peer_.name = std::move(peer_name);
    log_.set_peer(peer_);
    struct Opening {
        const channel::Channel* source = nullptr;
        access::PortDecision port;
        std::set<std::string> warnings;
    };
    consult<Opening>(
        [this](mapping::Answers& outside) {
            const config::Configuration& configuration = context_.configuration();
            const bool by_name = context_.connection.naming.name_switches;
            Opening made;
            made.source = &policy::choose_source_channel(
                configuration, context_.default_channel, peer_.remote.address,
                by_name ? std::string_view(peer_.name) : std::string_view(), outside, nullptr,
                &made.warnings
            );
            const access::Options options = policy::access_options(configuration);
            const access::Context context{configuration.mappings, options, outside, nullptr};
            const access::PortInfo port{peer_.local, peer_.remote};
            made.port = access::decide_port(context, port, access::PortPhase::session_start);
            return made;
        },
        [this, done_before = std::move(done_before)](Opening opening) {
            source_ = opening.source;
            if (tls_) source_ = &tls_source(*source_);
            for (const std::string& warning : opening.warnings) diag::warning(warning);
            admission_.private_commands = opening.port.private_commands;
            finish_open(std::move(opening.port.verdict), done_before);
        }
    );
}

void Dialogue::finish_open(access::Verdict verdict, std::string_view done_before) {
    enter_channel();
    if (verdict.effects().substr(0, net::access_text_limit) == done_before) {
        verdict.syslog.clear();
        verdict.delay.reset();
    }
    take_effects(verdict);
    log_.set_access_text(verdict.log_text);
    if (!verdict.rule_set.empty()) admission_.rule_set = verdict.rule_set;
    trace_.note("channel " + source_->name() + ", authentication rule set " + admission_.rule_set);
    if (verdict.delay) greeting_delay_ = verdict.delay->pause;
    core_.emplace(context_.protocol_of(*source_, admission_));
    offer_tls();
    note_auth_abilities();
    if (verdict.refused() && context_.connection.refuses_late) {
        late_refusal_ = reply_of(verdict.reply);
        if (late_refusal_->code == 421) late_refusal_->code = 451;  // the connection stays
    } else if (verdict.refused()) {
        port_refusal_ = std::move(verdict);
        log_.refused(*port_refusal_);
        return;
    }
    disk_full_ = context_.disk.look(system_clock().mono_now()).state == enqueue::DiskState::hard;
    if (disk_full_) return log_.refused("no room for the queue");
    open_filters();
    if (!filters_) return finish_opening({});
    filters_->ask_connect();
    ask_filters([this](const std::optional<smtp::Reply>& refusal) { finish_opening(refusal); });
}

void Dialogue::finish_opening(const std::optional<smtp::Reply>& filter_refusal) {
    filter_refusal_ = filter_refusal;
    if (filter_refusal_) {
        // RFC 5321 section 4.3.1: a greeting that refuses for now is 421, one for good 554.
        filter_refusal_->code = filter_refusal_->is_temporary() ? 421 : 554;
        return log_.refused(filter_refusal_->to_text());
    }
    opened_ = true;
    log_.opened();
}

void Dialogue::greet() {
    if (port_refusal_) return core_->refuse(reply_of(port_refusal_->reply), CloseReason::refused);
    if (disk_full_) {
        const smtp::Reply reply(421, {4, 3, 2}, "insufficient system storage, closing");
        return core_->refuse(reply, CloseReason::refused);
    }
    if (filter_refusal_) return core_->refuse(*filter_refusal_, CloseReason::refused);
    core_->greet();
}

void Dialogue::refuse_early_talker() {
    const smtp::Reply reply = smtp::replies::early_talker();
    log_.refused(reply.to_text());
    core_->refuse(reply, CloseReason::early_talker);
}

void Dialogue::note_early_talk(bool disconnected) {
    log_.early_talk(disconnected ? log::Cause::aborted : log::Cause::sent_data);
}

void Dialogue::abandon(std::string_view reason) {
    abandoned_ = reason;
}

/// What each action of the core means here. Returns the step to take, or nothing to go on.
struct Dialogue::Handler {
    Dialogue& self;
    using Next = std::optional<Step>;

    Next operator()(const NeedInput&) { return Step::input; }
    Next operator()(const Flush&) { return Step::flush; }
    Next operator()(const AwaitAnswer&) {
        if (self.pending_reply_ || self.after_pause_) return Step::pause;
        if (self.prepared_) return Step::commit;
        if (self.filter_line_ != nullptr) return Step::filter;
        return Step::task;
    }
    Next operator()(const Close& close) {
        self.on_close(close.reason);
        return Step::close;
    }
    Next operator()(AskMail& ask) {
        self.ask_mail(std::move(ask.command));
        return {};
    }
    Next operator()(const AskRecipient& ask) {
        self.ask_recipient(ask.command);
        return {};
    }
    Next operator()(const AskVerify& ask) {
        self.ask_verify(ask);
        return {};
    }
    Next operator()(const AskExpand& ask) {
        self.ask_expand(ask.argument);
        return {};
    }
    Next operator()(const AskEtrn& ask) {
        self.ask_etrn(ask.argument);
        return {};
    }
    Next operator()(const AskPrivate& ask) {
        self.ask_private(ask);
        return {};
    }
    Next operator()(const BeginData&) {
        self.begin_data();
        return {};
    }
    Next operator()(const DataChunk& chunk) {
        self.take_data(chunk.octets);
        if (self.has_task()) return Step::task;  // the core would go on with the input
        return {};
    }
    Next operator()(const EndData&) {
        self.end_data();
        return {};
    }
    Next operator()(const Abort& aborted) {
        self.abort(aborted);
        return {};
    }
    // Filters are told; the core would go on with the input.
    Next operator()(const BadCommand& bad) {
        self.bad_command(bad);
        return self.filter_line_ != nullptr ? Next(Step::filter) : Next();
    }
    Next operator()(const Refused& refused) {
        self.refused_by_core(refused);
        return self.filter_line_ != nullptr ? Next(Step::filter) : Next();
    }
    Next operator()(const StartTls&) { return Step::tls; }
    Next operator()(AskAuth& ask) {
        self.ask_auth(std::move(ask));
        return {};
    }
    Next operator()(AuthResponse& response) {
        self.take_auth_response(std::move(response));
        return {};
    }
};

Dialogue::Step Dialogue::advance(std::string_view& input) {
    Handler handler{*this};
    while (true) {
        smtp::ServerAction action = feed(input);
        if (!std::holds_alternative<NeedInput>(action) &&
            !std::holds_alternative<DataChunk>(action))
            ++commands_;
        auto step = std::visit(handler, action);
        if (!step) continue;
        if (*step == Step::input && filters_ && core_->hello_name() != told_hello_) {
            tell_filters_hello();
            if (filter_line_ != nullptr) step = Step::filter;
        }
        if ((*step != Step::input && *step != Step::flush) || !must_hold_output()) return *step;
        holds_output_ = true;
        pause_ = transaction_->delay();
        return Step::pause;
    }
}

smtp::ServerAction Dialogue::feed(std::string_view& input) {
    using Waiting = smtp::ServerSession::Waiting;
    const Waiting waiting = core_->waiting();
    if (!transcript_ && (!trace_.shows_dialogue() || waiting != Waiting::command))
        return core_->feed(input);
    const std::string_view before = input;
    smtp::ServerAction action = core_->feed(input);
    const std::string_view said = before.substr(0, before.size() - input.size());
    if (waiting == Waiting::command) trace_.client_said(said);
    if (transcript_ && (waiting == Waiting::command || waiting == Waiting::data)) {
        using Said = qmail_log::Transcript::Said;
        transcript_->client_said(
            said, waiting == Waiting::data ? Said::content : Said::command,
            system_clock().wall_now()
        );
    }
    return action;
}

// Commands that the protocol answers by itself, as NOOP, are no way around a delay.
bool Dialogue::must_hold_output() const {
    return !output_is_due_ && core_->has_output() && transaction_ &&
           transaction_->delay().count() > 0;
}

std::string Dialogue::take_output() {
    if (holds_output_) return {};
    output_is_due_ = false;
    std::string output = core_->take_output();
    if (transcript_ || trace_.shows_dialogue()) {
        trace_.server_said(output);
        if (transcript_) transcript_->server_said(output, system_clock().wall_now());
    }
    return output;
}

void Dialogue::answer(smtp::Reply reply, milliseconds own_delay) {
    pause_ = own_delay + (transaction_ ? transaction_->delay() : milliseconds(0));
    if (pause_.count() > 0) {
        pending_reply_ = std::move(reply);
    } else {
        give_to_core(reply);
    }
}

void Dialogue::give_to_core(const smtp::Reply& reply) {
    output_is_due_ = true;
    core_->answer(reply);
}

// A client that is slowed down keeps its place, which is what a service under stress is short of.
// What a failed log-in costs stays as it is.
milliseconds Dialogue::pause() const {
    const bool shortens = context_.pressure->is_stressed() && !after_pause_;
    return shortens ? std::min(pause_, longest_pause_under_stress) : pause_;
}

void Dialogue::resume() {
    output_is_due_ = true;
    holds_output_ = false;
    if (after_pause_) return std::exchange(after_pause_, nullptr)();
    if (pending_reply_) give_to_core(*std::exchange(pending_reply_, std::nullopt));
}

void Dialogue::start_task(Task task, std::function<void()> then, TaskLane lane) {
    task_ = std::move(task);
    task_lane_ = lane;
    on_task_done_ = std::move(then);
}

void Dialogue::ask_elsewhere(
    std::function<smtp::Reply()> task, std::function<void(const smtp::Reply&)> then
) {
    auto reply = std::make_shared<smtp::Reply>();
    start_task(
        [reply, task = std::move(task)] { *reply = task(); },
        [reply, then = std::move(then)] { then(*reply); }
    );
}

void Dialogue::on_answered() {
    std::exchange(on_task_done_, nullptr)();
}

// An access table may still ask for another level.
void Dialogue::set_debug_level() {
    const config::Options& options = context_.configuration().options;
    if (source_->has(channel::Keyword::slave_debug)) {
        const auto level = static_cast<int>(options.integer(config::OptionId::mm_debug));
        trace_.set_level(std::max(SessionTrace::dialogue_level, level));
    }
    if (log::is_debug_peer(options.text(config::OptionId::debug_peer), peer_.remote.address))
        trace_.set_level(SessionTrace::policy_level);
}

void Dialogue::take_effects(const access::Verdict& verdict) {
    for (const std::string& text : verdict.syslog) context_.system_log->notice(text);
    if (verdict.debug_level) trace_.set_level(*verdict.debug_level);
    for (const std::string& warning : verdict.warnings) diag::warning(warning);
}

access::Session Dialogue::access_session() const {
    access::Session session;
    session.port = access::PortInfo{peer_.local, peer_.remote};
    using Protocol = access::AppInfo::Protocol;
    session.app.protocol = context_.connection.lmtp ? Protocol::lmtp : Protocol::smtp;
    session.app.helo = core_->hello_name();
    session.authenticated = core_->is_authenticated();
    session.tls = core_->is_tls();
    if (tls_) session.app.tls_info = tls::info_text(*tls_);
    session.extended = core_->is_esmtp();
    return session;
}

void Dialogue::on_timeout() {
    note_time_out(core_->waiting() == smtp::ServerSession::Waiting::data, peer_.remote.address);
    core_->on_timeout();
}

void Dialogue::on_close(CloseReason reason) {
    if (closed_) return;
    note_close(reason, peer_.remote.address);
    closed_ = true;
    close_reason_ = reason;
    builder_.reset();
    filtered_.reset();
    transaction_.reset();
    login_.reset();
    after_pause_ = nullptr;
}

std::string Dialogue::outcome() const {
    if (!abandoned_.empty()) return abandoned_;
    return std::string(closed_ ? smtp::to_word(close_reason_) : "disconnect");
}

log::Cause Dialogue::ending_cause() const {
    if (!closed_) return log::Cause::aborted;
    switch (close_reason_) {
        case CloseReason::disconnect:
            return log::Cause::aborted;
        case CloseReason::timeout:
            return log::Cause::timeout;
        case CloseReason::bad_commands:
            return log::Cause::too_many_bad;
        default:
            return log::Cause::none;
    }
}

void Dialogue::finish() {
    if (transcript_) transcript_->finish(system_clock().wall_now());
    if (!opened_) return;
    SessionLog::Ending ending;
    const std::string reason = outcome();
    if (reason != smtp::to_word(CloseReason::quit)) ending.reason = reason;
    ending.cause = ending_cause();
    ending.messages = messages_;
    ending.hello = core_->hello_name();
    ending.bytes = message_bytes_;
    log_.closed(ending);
}

}  // namespace sluice::smtp_server
