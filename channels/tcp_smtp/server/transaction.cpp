#include "transaction.h"

#include <algorithm>

#include "milter/header_changes.h"
#include "smtp/command_parser.h"

namespace sluice::smtp_server {

namespace {

queue::ReturnContent return_content(smtp::Ret ret) {
    switch (ret) {
        case smtp::Ret::unspecified:
            return queue::ReturnContent::unspecified;
        case smtp::Ret::full:
            return queue::ReturnContent::full;
        case smtp::Ret::headers:
            return queue::ReturnContent::headers;
    }
    return queue::ReturnContent::unspecified;
}

std::vector<std::string> features(const smtp::MailCommand& mail) {
    std::vector<std::string> out;
    // Binary content has become lines when it gets here.
    const bool is_seven_bit = mail.body.value_or(smtp::Body::seven_bit) == smtp::Body::seven_bit;
    if (!is_seven_bit) out.emplace_back("8BITMIME");
    if (mail.smtputf8) out.emplace_back("SMTPUTF8");
    return out;
}

template <class Number>
void lower(std::optional<Number>& limit, const std::optional<Number>& other) {
    if (other) limit = limit ? std::min(*limit, *other) : *other;
}

}  // namespace

unsigned notify_flags(const smtp::RcptCommand& command, smtp::Ret ret) {
    const smtp::Notify& notify = command.notify;
    unsigned flags = queue::default_notify;
    if (notify.never) {
        flags = queue::notify_never;
    } else if (notify.is_given()) {
        flags = (notify.success ? queue::notify_success : 0U) |
                (notify.failure ? queue::notify_failure : 0U) |
                (notify.delay ? queue::notify_delay : 0U);
    }
    if (notify.is_given() || !command.orcpt.empty()) flags |= queue::notify_explicit;
    if (ret == smtp::Ret::headers) flags |= queue::notify_headers_only;
    return flags;
}

std::optional<OriginalRecipient> original_recipient(const smtp::RcptCommand& command) {
    const std::size_t semicolon = command.orcpt.find(';');
    if (semicolon == std::string::npos) return std::nullopt;
    const std::string_view encoded = std::string_view(command.orcpt).substr(semicolon + 1);
    return OriginalRecipient{
        command.orcpt.substr(0, semicolon),
        smtp::decode_xtext(encoded).value_or(std::string(encoded))};
}

Transaction::Transaction(
    smtp::MailCommand command, const policy::SenderDecision& decision, MonoTime now
)
    : mail_(std::move(command)),
      begun_(now),
      sender_(decision.address),
      completed_sender_(decision.completed),
      effects_(decision.effects) {
    take_effects(decision.access);
}

void Transaction::take_effects(const access::Verdict& verdict) {
    if (verdict.delay && verdict.delay->whole_transaction) delay_ = verdict.delay->pause;
    lower(limits_.blocks, verdict.limits.blocks);
    lower(limits_.recipients, verdict.limits.recipients);
    lower(limits_.recipient_cutoff, verdict.limits.recipient_cutoff);
}

void Transaction::add(const smtp::RcptCommand& command, policy::RecipientDecision decision) {
    const auto original = original_recipient(command);
    Accepted accepted;
    if (original) {
        accepted.original_type = original->type;
        accepted.original = original->address;
    }
    accepted.presented = command.path;
    accepted.address = decision.rewritten.empty() ? command.path : decision.rewritten;

    enqueue::SubmittedRecipient recipient;
    if (original) {
        recipient.original_type = original->type;
        recipient.original = original->address;
    } else {
        // A name without a host means nothing to whoever reads a notification.
        const bool bare = command.path.find('@') == std::string::npos;
        recipient.original = bare ? accepted.address : command.path;
    }
    recipient.presented = command.path;
    recipient.notify = notify_flags(command, mail_.ret);
    accepted_.push_back(std::move(accepted));
    effects_.add(decision.effects);
    for (policy::Destination& destination : decision.destinations) {
        const auto [known, is_new] = identities_.try_emplace(
            destination.channel + '\n' + destination.address, recipients_.size()
        );
        if (!is_new) {
            origins_[known->second].push_back(accepted_.size() - 1);
            continue;
        }
        recipient.destination = std::move(destination);
        recipients_.push_back(recipient);
        origins_.push_back({accepted_.size() - 1});
    }
}

bool Transaction::remove(const std::vector<std::string>& presented) {
    const auto is_named = [&](std::size_t accepted) {
        return std::any_of(presented.begin(), presented.end(), [&](const std::string& address) {
            return milter::is_same_mailbox(address, accepted_[accepted].presented);
        });
    };
    std::vector<enqueue::SubmittedRecipient> left;
    for (std::size_t i = 0; i < recipients_.size(); ++i) {
        const auto& origins = origins_[i];
        if (!std::all_of(origins.begin(), origins.end(), is_named)) left.push_back(recipients_[i]);
    }
    if (left.empty()) return false;
    recipients_ = std::move(left);
    // Nobody is added after this: what only serves that is not kept up.
    identities_.clear();
    origins_.clear();
    return true;
}

void Transaction::set_envelope_id(queue::Store& store, std::string_view local_host) {
    envelope_id_ = smtp::decode_xtext(mail_.envid).value_or(mail_.envid);
    if (!envelope_id_.empty()) return;
    const auto unique = store.next_unique();
    if (unique) envelope_id_ = *unique + '@' + std::string(local_host);
}

void Transaction::change_sender(const policy::SenderDecision& decision) {
    sender_ = decision.address;
    completed_sender_ = decision.completed;
}

enqueue::Submission Transaction::submission(std::optional<std::size_t> hold_above) const {
    enqueue::Submission submission;
    submission.sender = sender_;
    submission.envelope_id =
        envelope_id_.empty() ? smtp::decode_xtext(mail_.envid).value_or(mail_.envid) : envelope_id_;
    submission.ret = return_content(mail_.ret);
    submission.features = features(mail_);
    submission.recipients = recipients_;
    const bool too_many = hold_above && recipients_.size() > *hold_above;
    for (enqueue::SubmittedRecipient& recipient : submission.recipients) {
        // A copy that only carries news to the sender is not the message.
        if (recipient.destination.settled) continue;
        if (effects_.discard_all) recipient.destination.channel = policy::bitbucket_channel;
        if (too_many) recipient.destination.hold_reason = "holdlimit";
        if (effects_.hold_all) recipient.destination.hold_reason = "mapping";
    }
    submission.header_edits = effects_.header_edits;
    submission.conversion_tags = effects_.conversion_tags;
    if (effects_.no_vacation) submission.features.emplace_back(queue::feature_no_vacation);
    return submission;
}

}  // namespace sluice::smtp_server
