// DATA: the message on its way into the queue, and what is told when it ends there or elsewhere.
#include <algorithm>

#include "access/connection_record.h"
#include "base/bytes.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "dialogue.h"
#include "limit_notes.h"
#include "message/date.h"
#include "smtp/command_parser.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

using namespace smtp::server_action;
using config::OptionId;
using std::chrono::milliseconds;

namespace {

template <class Number>
void lower(std::optional<Number>& limit, const std::optional<Number>& other) {
    if (other) limit = limit ? std::min(*limit, *other) : *other;
}

/// ERROR_TEXT_LINE_OVER with its number.
smtp::Reply too_many_lines(const config::Options& options, std::uint64_t limit) {
    std::string text = options.text(OptionId::error_text_line_over);
    if (const std::size_t at = text.find("%d"); at != std::string::npos)
        text.replace(at, 2, std::to_string(limit));
    return {552, {5, 2, 3}, std::move(text)};
}

/// RFC 4954 section 5: what somebody who is not logged in says about the submitter counts for
/// nothing; for who is and says nothing we know it.
std::optional<std::string> submitter_feature(
    const smtp::MailCommand& mail, const auth::Identity* who
) {
    if (who == nullptr && !mail.auth) return std::nullopt;
    std::string submitter =
        who == nullptr ? "<>" : mail.auth.value_or(smtp::encode_xtext(who->mail));
    // The record is a list between commas.
    for (std::size_t at = 0; (at = submitter.find(',', at)) != std::string::npos;)
        submitter.replace(at, 1, "+2C");
    return std::string(queue::feature_auth) + submitter;
}

/// Nobody catches anything on the thread of a pool.
Result<enqueue::PreparedMessage> finish_caught(enqueue::MessageBuilder& builder) {
    try {
        return builder.finish();
    } catch (const std::exception& problem) {
        return Error::temporary({4, 3, 0}, "temporary failure", problem.what());
    }
}

}  // namespace

void Dialogue::begin_data() {
    data_refused_ = false;
    const auto& cutoff = transaction_->limits().recipient_cutoff;
    if (cutoff && transaction_->presented() > *cutoff)
        return answer(smtp::replies::message_refused_too_many_recipients());
    set_message_limits();
    if (filters_) return filter_data();
    builder_ = std::make_unique<enqueue::MessageBuilder>(
        context_.runtime.site(), context_.configuration().imta.channels, context_.limits,
        make_submission(), log_.options(), make_header_work()
    );
    answer(smtp::replies::enter_mail());
}

void Dialogue::set_message_limits() {
    const config::Configuration& configuration = context_.configuration();
    size_limit_.reset();
    line_limit_.reset();
    lines_ = 0;
    for (const enqueue::SubmittedRecipient& recipient : transaction_->recipients()) {
        const channel::Channel* channel =
            configuration.imta.channels.find(recipient.destination.channel);
        // Of mailing lists. Nobody can be told later that the message was too large for a list.
        lower(size_limit_, recipient.destination.size_limit);
        lower(line_limit_, recipient.destination.line_limit);
        if (channel == nullptr) continue;
        lower(size_limit_, size_limit(configuration, *channel));
        lower(line_limit_, line_limit(configuration, *channel));
    }
    if (const auto& blocks = transaction_->limits().blocks) {
        const auto block =
            static_cast<std::uint64_t>(configuration.options.integer(OptionId::block_size));
        lower(size_limit_, std::optional(*blocks * block));
    }
}

enqueue::Submission Dialogue::make_submission() const {
    const SourceSettings& source = context_.plan_of(*source_).source;
    enqueue::Submission submission = transaction_->submission(source.hold_above);
    submission.transport = access::to_connection_record(access_session());
    submission.source_channel = source_->name();
    submission.source_host = source_->official_host();
    const auth::Identity* who = identity();
    submission.owner = who != nullptr ? '*' + who->user : context_.runtime.account();
    if (auto submitter = submitter_feature(transaction_->mail(), who))
        submission.features.push_back(std::move(*submitter));
    if (who != nullptr || context_.connection.submission) {
        // RFC 6409 sections 8.2 and 8.3: what a user's program left out.
        using Kind = message::HeaderEdit::Kind;
        const WallTime now = system_clock().wall_now();
        submission.header_edits.push_back(
            {Kind::add_if_missing, "Date", message::format_date(now, TimeZone::system())}
        );
        submission.header_edits.push_back(
            {Kind::add_if_missing, "Message-ID", context_.runtime.message_ids().next(now)}
        );
    }
    submission.from_client = true;
    submission.received = received_line();
    submission.received_for = source.received_for;
    submission.log_template = log_.enqueue_template(*core_);
    submission.log_template.username = submission.owner;
    submission.source_filtered = filters_.has_value();
    if (filtered_) apply_judgement(submission);
    return submission;
}

std::unique_ptr<enqueue::HeaderWork> Dialogue::make_header_work() const {
    auto work = std::make_unique<enqueue::HeaderWork>();
    work->configuration = context_.snapshot;
    work->source = source_;
    work->answers = std::make_unique<lookup::Gathering>(context_.outside);
    work->sender = transaction_->completed_sender();
    work->client_name = peer_.name;
    work->authenticated = authenticated_mail();
    return work;
}

message::ReceivedLine Dialogue::received_line() const {
    const PeerNaming& naming = context_.connection.naming;
    message::ReceivedLine line;
    line.helo = core_->hello_name();
    if (naming.name_in_received && !equals_ignoring_case(peer_.name, line.helo))
        line.reverse_name = peer_.name;
    if (naming.address_in_received) line.address = peer_.remote.address;
    if (naming.name_in_received || naming.address_in_received) line.client_user = peer_.ident;
    line.by = context_.received_by;
    line.version = context_.received_version;
    message::SessionProtocol protocol;
    protocol.lmtp = context_.connection.lmtp;
    protocol.extended = core_->is_esmtp();
    protocol.tls = core_->is_tls();
    protocol.authenticated = core_->is_authenticated();
    protocol.smtputf8 = core_->is_smtputf8();
    line.with = message::protocol_word(protocol);
    // With more than one recipient the clause would tell each who the others are.
    const auto& accepted = transaction_->accepted();
    const SourceSettings& source = context_.plan_of(*source_).source;
    if (source.received_for && accepted.size() == 1) line.for_recipient = accepted[0].presented;
    const std::string& given = transaction_->mail().path;
    if (source.received_from && given != transaction_->sender()) line.original_sender = given;
    return line;
}

void Dialogue::take_data(std::string_view octets) {
    if (data_refused_) return;
    kill_point("server.data");
    if (line_limit_) {
        lines_ += static_cast<std::uint64_t>(std::count(octets.begin(), octets.end(), '\n'));
        if (lines_ > *line_limit_)
            return refuse_message(too_many_lines(context_.configuration().options, *line_limit_));
    }
    if (size_limit_ && kept_octets() + octets.size() > *size_limit_)
        return refuse_message(smtp::replies::message_too_big(*size_limit_));
    if (filtered_) return after_writing(filtered_->spool.append(octets));
    const auto written = builder_->append(octets);
    if (builder_->must_wait())
        return await_headers([this] { after_writing(builder_->append({})); });
    after_writing(written);
}

void Dialogue::after_writing(const Result<void>& written) {
    if (written) return;
    diag::warning("message not written: " + written.error().detail());
    refuse_message(reply_for_failure(written.error()));
}

// The shell feeds nothing meanwhile, so the builder is the task's alone.
void Dialogue::await_headers(std::function<void()> then) {
    start_task([builder = builder_.get()] { builder->get_answers(); }, std::move(then));
}

// The rest is read and thrown away; what was written is removed now, since it may be the disk that
// is full.
void Dialogue::refuse_message(const smtp::Reply& reply) {
    data_refused_ = true;
    builder_.reset();
    filtered_.reset();
    core_->refuse_data(reply);
}

void Dialogue::end_data() {
    kill_point("server.end-of-data");
    message_octets_ = kept_octets();
    if (filtered_) return filter_content();
    builder_->end();
    if (builder_->must_wait()) return await_headers([this] { finish_message(); });
    finish_message();
}

void Dialogue::finish_message() {
    if (!builder_->waits_to_finish()) return on_finished(builder_->finish());
    // Filters of the destinations: the builder is the task's alone meanwhile.
    auto prepared = std::make_shared<std::optional<Result<enqueue::PreparedMessage>>>();
    start_task(
        [builder = builder_.get(), prepared] { prepared->emplace(finish_caught(*builder)); },
        [this, prepared] { on_finished(std::move(**prepared)); }, TaskLane::slow
    );
}

void Dialogue::on_finished(Result<enqueue::PreparedMessage> prepared) {
    if (!prepared) {
        diag::warning("message not written: " + prepared.error().detail());
        return on_committed(prepared.error());
    }
    envelope_id_ = prepared->envelope_id();
    prepared_ = std::move(*prepared);
}

enqueue::PreparedMessage Dialogue::take_prepared() {
    enqueue::PreparedMessage prepared = std::move(*prepared_);
    prepared_.reset();
    return prepared;
}

void Dialogue::on_committed(const Result<void>& outcome) {
    kill_point("server.before-250");
    smtp::Reply reply = smtp::replies::message_accepted(envelope_id_);
    if (outcome) {
        ++messages_;
        message_bytes_ += message_octets_;
    } else {
        diag::warning("message not queued: " + outcome.error().detail());
        reply = reply_for_failure(outcome.error());
        log_.message_refused(*core_, *transaction_, reply);
    }
    end_message(reply, outcome ? inflow_wait() : milliseconds(0));
}

/// The message is safe; who brings more than its share for channels that do not keep up waits a
/// little for the reply.
milliseconds Dialogue::inflow_wait() const {
    Pressure& pressure = *context_.pressure;
    if (!pressure.is_braking()) return milliseconds(0);
    const auto& recipients = transaction_->recipients();
    const bool concerns = std::any_of(recipients.begin(), recipients.end(), [&](const auto& one) {
        return pressure.is_behind(one.destination.channel);
    });
    if (!concerns) return milliseconds(0);
    const IpAddress& client = peer_.remote.address;
    const milliseconds wait = pressure.wait_of(client, context_.connection.inflow_rate);
    if (wait.count() > 0) note_braked(client);
    return wait;
}

void Dialogue::end_message(const smtp::Reply& reply, milliseconds own_delay) {
    builder_.reset();
    filtered_.reset();
    if (filters_) filters_->abort();
    log_.transaction_ended();
    const milliseconds delay = own_delay + transaction_->delay();
    transaction_.reset();
    answer(reply, delay);
}

std::uint64_t Dialogue::kept_octets() const {
    if (builder_) return builder_->size();
    return filtered_ ? filtered_->spool.size() : 0;
}

void Dialogue::abort(const Abort& aborted) {
    const std::uint64_t octets = kept_octets();
    builder_.reset();
    filtered_.reset();
    if (filters_) filters_->abort();
    if (!transaction_) return log_.transaction_ended();
    switch (aborted.reason) {
        case AbortReason::refused:
        case AbortReason::failed:
            log_.message_refused(*core_, *transaction_, aborted.reply);
            break;
        case AbortReason::disconnect:
        case AbortReason::timeout:
        case AbortReason::shutdown:
        case AbortReason::closed:
            if (aborted.in_data)
                log_.message_aborted(*core_, *transaction_, octets, smtp::to_word(aborted.reason));
            break;
        case AbortReason::reset:
        case AbortReason::quit:
            break;
    }
    log_.transaction_ended();
    transaction_.reset();
}

}  // namespace sluice::smtp_server
