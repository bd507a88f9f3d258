// MAIL and RCPT: what the policy says, what the limits say, what the client and the log are told.
#include "base/log.h"
#include "dialogue.h"
#include "enqueue/event_sinks.h"
#include "policy/honeypot.h"
#include "policy/recipient.h"
#include "policy/rewriting.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

using namespace smtp::server_action;
using config::OptionId;
using std::chrono::milliseconds;

namespace {

smtp::Reply reply_of(const policy::Refusal& refusal) {
    return {refusal.code, refusal.status, refusal.text};
}

/// What was decided, and how if the session is traced.
template <class Decision>
struct Traced {
    Decision decision;
    policy::Trace steps;
};

/// The part of a delay that is of this reply alone; one of the whole transaction counts from the
/// transaction.
milliseconds own_delay(const access::Verdict& verdict, bool has_transaction) {
    if (!verdict.delay) return milliseconds(0);
    return verdict.delay->whole_transaction && has_transaction ? milliseconds(0)
                                                               : verdict.delay->pause;
}

/// Whether the DNS knows the domain of a sender: MX, then addresses (keyword mailfromdnsverify).
/// Runs on a thread that may block.
smtp::Reply verify_domain(
    net::Resolver& resolver,
    const std::string& domain,
    const std::string& text,
    const smtp::Reply& positive
) {
    const auto mx = resolver.resolve_mx(domain);
    net::DnsStatus status = mx.status;
    // RFC 7505 section 4.3: a domain that takes no mail is no place to answer to.
    const bool null_mx = mx.records.size() == 1 && mx.records[0].host.empty();
    if (status == net::DnsStatus::found && null_mx)
        return {550, {5, 7, 27}, text + ": " + smtp::sanitised(domain)};
    if (status == net::DnsStatus::no_data) status = resolver.resolve_addresses(domain).status;
    switch (status) {
        case net::DnsStatus::found:
            return positive;
        case net::DnsStatus::no_data:
        case net::DnsStatus::no_domain:
            return {550, {5, 1, 8}, text + ": " + smtp::sanitised(domain)};
        case net::DnsStatus::not_now:
            break;
    }
    return {
        451,
        {4, 1, 8},
        "domain of the return address cannot be looked up now: " + smtp::sanitised(domain)};
}

}  // namespace

std::optional<smtp::Reply> Dialogue::no_room_for(const smtp::MailCommand& command) {
    const auto& configuration = context_.configuration();
    const auto full = [&] {
        return smtp::Reply(
            452, {4, 3, 1},
            configuration.options.text(OptionId::error_text_insufficient_queue_space)
        );
    };
    if (context_.runtime.log().must_stop()) return full();
    const enqueue::DiskGuard::View disk = context_.disk.look(system_clock().mono_now());
    if (disk.state == enqueue::DiskState::normal) return std::nullopt;
    const bool fits = disk.state == enqueue::DiskState::soft && command.size &&
                      *command.size <= static_cast<std::uint64_t>(disk.room);
    return fits ? std::nullopt : std::optional(full());
}

void Dialogue::ask_mail(smtp::MailCommand command) {
    transaction_.reset();
    log_.transaction_ended();
    if (auto reply = no_room_for(command)) return refuse_sender(command, *reply, {});
    policy::SenderProbe probe;
    probe.source = source_;
    probe.address = command.path;
    probe.client_name = peer_.name;
    probe.session = access_session();
    probe.authenticated_from = authenticated_mail();
    consult<Traced<policy::SenderDecision>>(
        [this, probe = std::move(probe)](mapping::Answers& outside) {
            Traced<policy::SenderDecision> made;
            made.decision = policy::decide_sender(
                context_.configuration(), probe, outside,
                trace_.shows_policy() ? &made.steps : nullptr
            );
            return made;
        },
        [this, command = std::move(command)](Traced<policy::SenderDecision> made) mutable {
            trace_.decided(made.steps);
            finish_sender(std::move(command), std::move(made.decision));
        }
    );
}

void Dialogue::finish_sender(smtp::MailCommand command, policy::SenderDecision decision) {
    for (const std::string& warning : decision.warnings) diag::warning(warning);
    take_effects(decision.access);
    const milliseconds delay = own_delay(decision.access, !decision.refusal);
    if (decision.refusal) return refuse_sender(command, reply_of(*decision.refusal), delay);

    const smtp::Reply accepted = smtp::replies::mail_accepted(command.has_options);
    const std::string domain(policy::split_address(decision.completed).domain);
    transaction_.emplace(std::move(command), decision, system_clock().mono_now());
    if (!context_.plan_of(*source_).source.mail_from_dns_verify)
        return finish_mail(accepted, delay);
    if (domain.empty() || domain.front() == '[' || core_->is_authenticated()) {
        log_.sender_looked_up(*core_, decision.completed, log::Cause::exempt);
        return finish_mail(accepted, delay);
    }
    const std::string& text =
        context_.configuration().options.text(OptionId::error_text_mailfromdnsverify);
    ask_elsewhere(
        [this_resolver = context_.resolver.get(), domain, text, accepted] {
            return verify_domain(*this_resolver, domain, text, accepted);
        },
        [this, delay](const smtp::Reply& reply) {
            if (reply.is_positive())
                log_.sender_looked_up(*core_, transaction_->mail().path, log::Cause::found);
            finish_mail(reply, delay);
        }
    );
}

void Dialogue::finish_mail(const smtp::Reply& reply, milliseconds delay) {
    if (reply.is_positive())
        return filters_ ? filter_sender(reply, delay) : accept_sender(reply, delay);
    const smtp::MailCommand command = transaction_->mail();
    transaction_.reset();
    // Only the DNS was asked since the policy agreed, and it may have been silent.
    const bool unknown = reply.is_permanent();
    refuse_sender(command, reply, delay, unknown ? log::Cause::unknown_sender : log::Cause::none);
}

void Dialogue::accept_sender(const smtp::Reply& reply, milliseconds delay) {
    log_.sender_accepted(*core_, transaction_->mail().path);
    answer(reply, delay);
}

void Dialogue::refuse_sender(
    const smtp::MailCommand& command, const smtp::Reply& reply, milliseconds delay, log::Cause cause
) {
    log_.sender_refused(*core_, command.path, reply, cause);
    answer(reply, delay);
}

policy::RecipientProbe Dialogue::recipient_probe(const smtp::RcptCommand& command) const {
    policy::RecipientProbe probe;
    probe.source = source_;
    probe.sender = transaction_->sender();
    probe.address = command.path;
    if (const auto original = original_recipient(command)) probe.orcpt = original->to_string();
    probe.client_name = peer_.name;
    probe.session = access_session();
    probe.authenticated_from = authenticated_mail();
    probe.recipient_count = transaction_->presented();
    probe.total_recipient_count = transaction_->recipients().size();
    probe.conversion_tags = transaction_->conversion_tags();
    probe.notify_success = command.notify.success;
    probe.notify_delay = command.notify.delay;
    probe.notify_failure = command.notify.failure;
    probe.message_size = transaction_->mail().size;
    return probe;
}

void Dialogue::ask_recipient(const smtp::RcptCommand& command) {
    transaction_->note_presented();
    if (late_refusal_) return refuse_recipient(command, {}, *late_refusal_, {});
    const auto& limit = transaction_->limits().recipients;
    if (limit && transaction_->accepted().size() >= *limit)
        return refuse_recipient(command, {}, smtp::replies::too_many_recipients(), {});
    consult<Traced<policy::RecipientDecision>>(
        [this, probe = recipient_probe(command)](mapping::Answers& outside) {
            Traced<policy::RecipientDecision> made;
            const bool traced = trace_.shows_policy() || context_.traces_recipients;
            made.decision = policy::decide_recipient(
                context_.configuration(), probe, outside, traced ? &made.steps : nullptr
            );
            if (!probe.session.authenticated) {
                const std::string& rewritten = made.decision.rewritten;
                policy::watch_honeypots(
                    context_.configuration(), peer_.remote.address,
                    rewritten.empty() ? probe.address : rewritten, outside
                );
            }
            return made;
        },
        [this, command](Traced<policy::RecipientDecision> made) {
            trace_.decided(made.steps);
            if (context_.traces_recipients) show_search(command, made.steps, made.decision);
            finish_recipient(command, std::move(made.decision));
        }
    );
}

void Dialogue::show_search(
    const smtp::RcptCommand& command,
    const policy::Trace& trace,
    const policy::RecipientDecision& decision
) {
    const auto show = [this](std::string_view what, const std::string& address) {
        diag::info(
            '[' + peer_.remote.address.to_string() + "] recipient " + std::string(what) + ' ' +
            address
        );
    };
    const auto steps = search_steps(trace);
    log_.recipient_looked_for(*core_, command.path, steps);
    show("RCPT TO:", command.path);
    for (const SearchStep& step : steps)
        show(step.cause == log::Cause::found ? "found:" : "trying:", step.key);
    if (decision.refusal) show("reject:", command.path);
}

void Dialogue::finish_recipient(
    const smtp::RcptCommand& command, policy::RecipientDecision decision
) {
    for (const std::string& warning : decision.warnings) diag::warning(warning);
    take_effects(decision.access);
    transaction_->take_effects(decision.access);
    const milliseconds delay = own_delay(decision.access, true);
    if (decision.refusal) {
        const smtp::Reply reply = reply_of(*decision.refusal);
        const log::Cause cause = refusal_cause(decision);
        return refuse_recipient(command, decision.rewritten, reply, delay, cause);
    }
    if (auto reply = too_big_for(decision))
        return refuse_recipient(command, decision.rewritten, *reply, delay);
    if (filters_) return filter_recipient(command, std::move(decision), delay);
    accept_recipient(command, std::move(decision), delay);
}

void Dialogue::accept_recipient(
    const smtp::RcptCommand& command, policy::RecipientDecision decision, milliseconds delay
) {
    log_failed_members(command, decision);
    log_.recipient_accepted(*core_, command.path);
    transaction_->add(command, std::move(decision));
    answer(smtp::replies::recipient_accepted(command.path, command.has_options), delay);
}

// Members of an alias that an access table refused; the others are logged when they are reported.
void Dialogue::log_failed_members(
    const smtp::RcptCommand& command, const policy::RecipientDecision& decision
) {
    for (const policy::FailedMember& member : decision.failed_members) {
        if (!member.by_access_table) continue;
        log_.recipient_refused(
            *core_, *transaction_, original_recipient(command), member.address,
            reply_of(member.refusal)
        );
    }
}

void Dialogue::refuse_recipient(
    const smtp::RcptCommand& command,
    std::string_view current,
    const smtp::Reply& reply,
    milliseconds delay,
    log::Cause cause
) {
    log_recipient_refused(command, current, reply, cause);
    tell_filters_recipient(command.path, parameters_of(command), reply, [this, reply, delay] {
        answer(reply, delay);
    });
}

void Dialogue::log_recipient_refused(
    const smtp::RcptCommand& command,
    std::string_view current,
    const smtp::Reply& reply,
    log::Cause cause
) {
    log_.recipient_refused(
        *core_, *transaction_, original_recipient(command),
        current.empty() ? std::string_view(command.path) : current, reply, cause
    );
}

// An access table says no: to mail that would only pass through here it is the client who may not,
// to mail for ourselves it is the sender.
log::Cause Dialogue::refusal_cause(const policy::RecipientDecision& decision) const {
    if (decision.access.refused()) {
        const channel::Channel* channel =
            context_.configuration().imta.channels.find(decision.rewritten_channel);
        const bool passes =
            channel != nullptr && enqueue::delivery_class(*channel) == log::DeliveryClass::remote;
        return passes ? log::Cause::relay_denied : log::Cause::sender_blocked;
    }
    // RFC 3463 section 3.2: addressing status.
    const bool unknown = decision.refusal->is_permanent() && decision.refusal->status.subject == 1;
    return unknown ? log::Cause::unknown_recipient : log::Cause::none;
}

// The SIZE that was declared against the limits of the channels it would go to.
std::optional<smtp::Reply> Dialogue::too_big_for(const policy::RecipientDecision& decision) const {
    const auto& declared = transaction_->mail().size;
    if (!declared) return std::nullopt;
    const config::Configuration& configuration = context_.configuration();
    for (const policy::Destination& destination : decision.destinations) {
        const channel::Channel* channel = configuration.imta.channels.find(destination.channel);
        if (channel == nullptr) continue;
        const auto limit = size_limit(configuration, *channel);
        if (limit && *declared > *limit) return smtp::replies::message_too_big(*limit);
    }
    return std::nullopt;
}

void Dialogue::refused_by_core(const Refused& refused) {
    if (refused.what == Refused::What::sender)
        return log_.sender_refused(*core_, refused.address, refused.reply);
    if (!transaction_) return;
    transaction_->note_presented();
    log_.recipient_refused(*core_, *transaction_, std::nullopt, refused.address, refused.reply);
    tell_filters_recipient(refused.address, {}, refused.reply, [] {});
}

}  // namespace sluice::smtp_server
