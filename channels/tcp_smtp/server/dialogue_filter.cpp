// Content filters: their part in the commands of a session, and what becomes of a message that they
// have seen. The octets between us and them are the shell's.
#include <algorithm>

#include "base/kill_point.h"
#include "base/log.h"
#include "dialogue.h"
#include "limit_notes.h"
#include "policy/rewriting.h"
#include "smtp/command_parser.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

using std::chrono::milliseconds;

namespace {

smtp::Reply reply_of(const milter::ReplyText& text) {
    return {text.code, text.status, text.lines};
}

std::vector<std::string> parameters_of(const smtp::MailCommand& mail) {
    std::vector<std::string> out;
    if (mail.size) out.push_back("SIZE=" + std::to_string(*mail.size));
    // What filters see is made of lines, whatever the client announced.
    if (mail.body) {
        const bool is_seven_bit = *mail.body == smtp::Body::seven_bit;
        out.emplace_back(is_seven_bit ? "BODY=7BIT" : "BODY=8BITMIME");
    }
    if (mail.ret != smtp::Ret::unspecified)
        out.emplace_back(mail.ret == smtp::Ret::full ? "RET=FULL" : "RET=HDRS");
    if (!mail.envid.empty()) out.push_back("ENVID=" + mail.envid);
    if (mail.auth) out.push_back("AUTH=" + *mail.auth);
    if (mail.smtputf8) out.emplace_back("SMTPUTF8");
    return out;
}

std::string domain_of(const std::string& address) {
    return std::string(policy::split_address(address).domain);
}

/// Pieces that go to the queue before other sessions get their turn.
constexpr int pieces_in_a_row = 16;

}  // namespace

std::vector<std::string> parameters_of(const smtp::RcptCommand& rcpt) {
    std::vector<std::string> out;
    if (rcpt.notify.is_given()) out.push_back("NOTIFY=" + smtp::to_text(rcpt.notify));
    if (!rcpt.orcpt.empty()) out.push_back("ORCPT=" + rcpt.orcpt);
    return out;
}

// ---- the commands ----

void Dialogue::open_filters() {
    filter::Plan plan = filter::source_plan(context_.configuration(), *source_);
    if (plan.empty()) return;
    filter::ClientFacts client;
    client.name = peer_.name;
    client.remote = peer_.remote;
    client.local = peer_.local;
    client.host = context_.received_by;
    client.version = context_.received_version;
    client.daemon = context_.default_channel.name();
    client.source_channel = source_->name();
    filters_.emplace(std::move(plan), std::move(client));
    tell_filters_tls();
}

void Dialogue::ask_filters(AfterFilters then) {
    filter_line_ = filters_->advance();
    if (filter_line_ != nullptr) {
        on_line_settled_ = [this, then = std::move(then)] { ask_filters(then); };
        return;
    }
    for (const filter::FilterLine& line : filters_->lines()) {
        if (!line.session) continue;  // one before it has refused the connection
        const auto& verdict = line.session->verdict();
        if (verdict.kind == milter::Verdict::Kind::failure)
            trace_.note("filter " + std::to_string(line.planned.number()) + ' ' + verdict.reason);
    }
    const auto& refusal = filters_->refusal();
    then(refusal ? std::optional(reply_of(*refusal)) : std::nullopt);
}

void Dialogue::on_filter_settled() {
    const auto& verdict = filter_line_->session->verdict();
    if (verdict.kind == milter::Verdict::Kind::failure) {
        const std::string text =
            "filter " + std::to_string(filter_line_->planned.number()) + ": " + verdict.reason;
        diag::warning(text);
        if (filter_line_->planned.settings->tells_syslog) context_.system_log->notice(text);
    }
    filter_line_ = nullptr;
    std::exchange(on_line_settled_, nullptr)();
}

// As any MTA does it; what a filter has against the name is said when MAIL comes.
void Dialogue::tell_filters_hello() {
    told_hello_ = core_->hello_name();
    if (told_hello_.empty()) return;
    filters_->tell_hello(told_hello_);
    ask_filters([](const std::optional<smtp::Reply>&) {});
}

void Dialogue::bad_command(const smtp::server_action::BadCommand& bad) {
    note_bad_command(bad, peer_.remote.address);
    log_.bad_command(*core_, bad);
    if (context_.pressure->is_stressed()) lose_patience();
    if (!filters_ || !bad.unknown) return;
    filters_->tell_unknown(bad.command);
    ask_filters([](const std::optional<smtp::Reply>&) {});
}

void Dialogue::lose_patience() {
    if (std::exchange(short_of_patience_, true)) return;
    auto settings = std::make_shared<smtp::ServerSettings>(core_->settings());
    const std::size_t most = context_.connection.stress_bad_commands;
    settings->disconnect_bad_commands =
        std::min(settings->disconnect_bad_commands.value_or(most), most);
    core_->change_settings(std::move(settings));
}

// A recipient that is refused, for filters that count such things.
void Dialogue::tell_filters_recipient(
    const std::string& path,
    const std::vector<std::string>& parameters,
    const smtp::Reply& reply,
    std::function<void()> then
) {
    if (!filters_ || !filters_->wants_refused_recipients()) return then();
    filters_->tell_refused_recipient(
        '<' + path + '>', parameters, {reply.code, reply.status_or_default(), reply.lines}
    );
    ask_filters([then = std::move(then)](const std::optional<smtp::Reply>&) { then(); });
}

void Dialogue::filter_sender(const smtp::Reply& accepted, milliseconds own_delay) {
    const auto refuse = [this, own_delay](const smtp::Reply& reply) {
        const smtp::MailCommand command = transaction_->mail();
        filters_->abort();
        transaction_.reset();
        refuse_sender(command, reply, own_delay);
    };
    filters_->ask_hello(core_->hello_name());
    ask_filters([this, accepted, own_delay, refuse](const std::optional<smtp::Reply>& refusal) {
        if (refusal) return refuse(*refusal);
        transaction_->set_envelope_id(context_.runtime.store(), context_.limits.local_host);
        const smtp::MailCommand& mail = transaction_->mail();
        milter::Macros macros;
        macros.set("i", transaction_->envelope_id());
        macros.set("{mail_addr}", mail.path);
        macros.set("{mail_host}", domain_of(mail.path));
        macros.set("{mail_mailer}", source_->name());
        filters_->ask_sender('<' + mail.path + '>', parameters_of(mail), macros);
        ask_filters([this, accepted, own_delay, refuse](const std::optional<smtp::Reply>& reply) {
            if (reply) return refuse(*reply);
            accept_sender(accepted, own_delay);
        });
    });
}

void Dialogue::filter_recipient(
    const smtp::RcptCommand& command, policy::RecipientDecision decision, milliseconds own_delay
) {
    milter::Macros macros;
    macros.set("{rcpt_addr}", command.path);
    macros.set("{rcpt_host}", domain_of(command.path));
    if (!decision.destinations.empty())
        macros.set("{rcpt_mailer}", decision.destinations.front().channel);
    filters_->ask_recipient('<' + command.path + '>', parameters_of(command), macros);
    ask_filters([this, command, decision = std::move(decision),
                 own_delay](const std::optional<smtp::Reply>& refusal) {
        if (refusal) {
            log_recipient_refused(command, decision.rewritten, *refusal);
            return answer(*refusal, own_delay);
        }
        accept_recipient(command, decision, own_delay);
    });
}

void Dialogue::filter_data() {
    filters_->ask_data();
    ask_filters([this](const std::optional<smtp::Reply>& refusal) {
        if (refusal) {
            log_.message_refused(*core_, *transaction_, *refusal);
            return answer(*refusal);
        }
        filtered_ = std::make_unique<FilteredMessage>(
            context_.configuration().tailor.path(config::TailorEntry::tmp)
        );
        answer(smtp::replies::enter_mail());
    });
}

// ---- the content ----

void Dialogue::filter_content() {
    kill_point("server.filter");
    auto content = filter::Content::from(std::move(filtered_->spool), context_.limits.header_bytes);
    if (!content) return on_committed(content.error());
    filtered_->content.emplace(std::move(*content));
    next_filter();
}

// One filter after the other, each with the message as the one before left it.
void Dialogue::next_filter() {
    auto& lines = filters_->lines();
    if (filtered_->line == lines.size() || filtered_->judgement.is_final()) return end_filters();
    const int number = lines[filtered_->line].planned.number();
    const auto& recipients = transaction_->recipients();
    const auto& channels = context_.configuration().imta.channels;
    const bool unwanted =
        std::all_of(recipients.begin(), recipients.end(), [&](const auto& recipient) {
            const channel::Channel* channel = channels.find(recipient.destination.channel);
            return channel != nullptr && filter::is_disabled_for(*channel, number);
        });
    if (unwanted) {
        ++filtered_->line;
        return next_filter();
    }
    filter::FilterLine& line = lines[filtered_->line];
    filtered_->run.emplace(*line.session, *filtered_->content, filters_->macros());
    show_content();
}

void Dialogue::show_content() {
    if (filtered_->run->advance()) {
        filter_line_ = &filters_->lines()[filtered_->line];
        on_line_settled_ = [this] { show_content(); };
        return;
    }
    const auto changed = filtered_->run->finish();
    filtered_->run.reset();
    if (!changed) return on_committed(changed.error());
    judge_content();
}

void Dialogue::judge_content() {
    const filter::FilterLine& line = filters_->lines()[filtered_->line];
    filtered_->changes = line.session->changes();
    filtered_->change = 0;
    const bool traces =
        trace_.shows_dialogue() &&
        context_.configuration().options.integer(config::OptionId::filter_debug) != 0;
    if (line.planned.settings->debug > 0 || traces) {
        diag::info(
            "filter " + std::to_string(line.planned.number()) + ", " + transaction_->envelope_id() +
            ": " + to_debug_string(line.session->verdict()) + ", " +
            std::to_string(filtered_->changes.size()) + " changes"
        );
    }
    consult<filter::Judgement>(
        [this, &line](mapping::Answers& outside) {
            return filter::judge(
                context_.configuration(), line.planned,
                {source_->name(), {}, transaction_->sender()}, line.session->verdict(),
                filtered_->changes, outside
            );
        },
        [this](filter::Judgement judgement) { take_judgement(std::move(judgement)); }
    );
}

void Dialogue::take_judgement(filter::Judgement judgement) {
    for (const std::string& text : judgement.syslog) context_.system_log->notice(text);
    for (const std::string& warning : judgement.warnings) diag::warning(warning);
    judgement.syslog.clear();
    judgement.warnings.clear();
    const bool goes_on = !judgement.is_final();
    filtered_->judgement.add(std::move(judgement));
    if (!goes_on) return end_filters();
    next_envelope_change();
}

void Dialogue::next_envelope_change() {
    while (filtered_->change < filtered_->changes.size()) {
        const milter::Change& change = filtered_->changes[filtered_->change++];
        if (const auto* removed = std::get_if<milter::DeleteRecipient>(&change))
            filtered_->removed.push_back(removed->address);
        if (const auto* added = std::get_if<milter::AddRecipient>(&change))
            return add_recipient(*added);
        if (const auto* sender = std::get_if<milter::ChangeSender>(&change))
            return change_sender(*sender);
    }
    ++filtered_->line;
    next_filter();
}

// The site's own filter asks, not the client: access tables are not asked whether it may.
void Dialogue::add_recipient(const milter::AddRecipient& wanted) {
    const std::string argument = "TO:<" + wanted.address + "> " + wanted.parameters;
    auto parsed = smtp::parse_rcpt(argument, {}, {}, true);
    if (const auto* reply = std::get_if<smtp::Reply>(&parsed)) {
        diag::warning(
            "filter wants recipient " + printable(wanted.address) + ": " + reply->to_text()
        );
        return next_envelope_change();
    }
    auto command = std::get<smtp::RcptCommand>(std::move(parsed));
    policy::RecipientProbe probe = recipient_probe(command);
    probe.skip_access_tables = true;
    consult<policy::RecipientDecision>(
        [this, probe](mapping::Answers& outside) {
            return policy::decide_recipient(context_.configuration(), probe, outside);
        },
        [this, command](policy::RecipientDecision decision) {
            for (const std::string& warning : decision.warnings) diag::warning(warning);
            if (decision.refusal) {
                diag::warning("filter wants recipient " + decision.refusal->to_string());
            } else {
                transaction_->add(command, std::move(decision));
            }
            next_envelope_change();
        }
    );
}

void Dialogue::change_sender(const milter::ChangeSender& wanted) {
    policy::SenderProbe probe;
    probe.source = source_;
    probe.address = wanted.address;
    probe.client_name = peer_.name;
    probe.session = access_session();
    consult<policy::SenderDecision>(
        [this, probe](mapping::Answers& outside) {
            return policy::decide_sender(context_.configuration(), probe, outside);
        },
        [this](const policy::SenderDecision& decision) {
            if (decision.refusal) {
                diag::warning("filter wants sender " + decision.refusal->to_string());
            } else {
                transaction_->change_sender(decision);
            }
            next_envelope_change();
        }
    );
}

// ---- what comes of it ----

void Dialogue::end_filters() {
    filter::Judgement& judgement = filtered_->judgement;
    const bool can_wait = context_.configuration().imta.channels.find("reprocess") != nullptr;
    if (judgement.later && !can_wait && !judgement.is_final())
        judgement.refusal = filter::refusal_after_failure(config::FilterFailure::tempfail);
    if (judgement.refusal) {
        const smtp::Reply reply = reply_of(*judgement.refusal);
        log_.message_refused(*core_, *transaction_, reply, judgement.log_text);
        return end_message(reply);
    }
    // Nobody left: as sendmail does, the message is taken and goes nowhere.
    if (!filtered_->removed.empty() && !transaction_->remove(filtered_->removed))
        judgement.discard = true;
    enqueue_filtered();
}

void Dialogue::enqueue_filtered() {
    builder_ = std::make_unique<enqueue::MessageBuilder>(
        context_.runtime.site(), context_.configuration().imta.channels, context_.limits,
        make_submission(), log_.options(), make_header_work()
    );
    filtered_->reader.emplace(*filtered_->content);
    feed_builder();
}

void Dialogue::feed_builder() {
    for (int i = 0; i < pieces_in_a_row; ++i) {
        const auto piece = filtered_->reader->next();
        if (!piece) return on_committed(piece.error());
        if (piece->empty()) {
            builder_->end();
            if (builder_->must_wait()) return await_headers([this] { finish_message(); });
            return finish_message();
        }
        const auto written = builder_->append(*piece);
        if (builder_->must_wait()) return await_headers([this] { feed_builder(); });
        if (!written) return on_committed(written.error());
    }
    start_task([] {}, [this] { feed_builder(); });
}

void Dialogue::apply_judgement(enqueue::Submission& submission) const {
    const filter::Judgement& judgement = filtered_->judgement;
    submission.log_template.filter = judgement.log_text;
    std::string channel = judgement.channel.value_or("");
    if (judgement.later) channel = "reprocess";
    if (judgement.discard) channel = policy::bitbucket_channel;
    const bool exists = context_.configuration().imta.channels.find(channel) != nullptr;
    if (!channel.empty() && !exists && !judgement.discard) {
        diag::warning("filter sends a message to channel " + channel + ", which does not exist");
        channel.clear();
    }
    for (enqueue::SubmittedRecipient& recipient : submission.recipients) {
        if (recipient.destination.settled) continue;
        if (!channel.empty()) recipient.destination.channel = channel;
        if (!judgement.hold_reason.empty())
            recipient.destination.hold_reason = judgement.hold_reason;
    }
    for (const message::HeaderEdit& edit : judgement.header_edits)
        submission.header_edits.push_back(edit);
    for (const std::string& tag : judgement.conversion_tags)
        submission.conversion_tags.push_back(tag);
    if (judgement.later) submission.features.emplace_back(queue::feature_unfiltered);
}

}  // namespace sluice::smtp_server
