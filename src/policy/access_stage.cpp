#include "policy/pipeline.h"
#include "policy/refusal.h"

namespace sluice::policy {

using config::OptionId;

access::Options access_options(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    const auto mask = [&](OptionId id) { return static_cast<unsigned>(options.integer(id)); };
    access::Options out;
    out.access_orcpt = mask(OptionId::access_orcpt);
    out.access_counts = mask(OptionId::access_counts);
    out.access_errors = options.integer(OptionId::access_errors) != 0;
    return out;
}

bool Pipeline::passes(
    access::RecipientPhase phase,
    const alias::Worklist::Item& item,
    const std::string& address,
    const std::string& channel
) {
    hold_ = bitbucket_ = false;
    if (probe_.skip_access_tables) return true;
    access::Sender sender;
    sender.source_channel = probe_.source->name();
    sender.address = probe_.sender;
    sender.authenticated_from = probe_.authenticated_from;
    access::Recipient recipient;
    recipient.destination_channel = channel;
    recipient.address = address;
    recipient.given = given();
    recipient.original_recipient = probe_.orcpt;
    recipient.recipient_count = probe_.recipient_count;
    recipient.total_recipient_count = probe_.total_recipient_count + decision_.destinations.size();
    recipient.notify_success = probe_.notify_success;
    recipient.notify_delay = probe_.notify_delay;
    recipient.notify_failure = probe_.notify_failure;
    mapping::Trace steps;
    const access::Context context{
        configuration_.mappings, access_options_, answers_, trace_ != nullptr ? &steps : nullptr};
    access::Verdict verdict =
        access::check_recipient(context, phase, probe_.session, sender, recipient);
    if (trace_ != nullptr) {
        trace_->push_back(
            {TraceEntry::Stage::access, "access: " + verdict.to_debug_string(), {}, steps.steps()}
        );
    }
    const bool pending = verdict.pending;
    const bool refused = verdict.refused();
    const access::Reply reply = verdict.reply;
    hold_ = verdict.hold;
    bitbucket_ = verdict.bitbucket || verdict.discard || verdict.jettison;
    held_before_ = held_before_ || (phase == access::RecipientPhase::original && hold_);
    discarded_before_ =
        discarded_before_ || (phase == access::RecipientPhase::original && bitbucket_);
    decision_.access.merge(std::move(verdict));
    if (pending) {
        fail(item, address, make_refusal({4, 4, 3}, "temporary look-up failure", given()));
        return false;
    }
    if (refused) {
        fail(item, address, refusal_from(reply));
        if (!decision_.failed_members.empty() && !decision_.refusal)
            decision_.failed_members.back().by_access_table = true;
        return false;
    }
    return true;
}

}  // namespace sluice::policy
