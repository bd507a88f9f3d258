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
    out.include_connectioninfo = mask(OptionId::include_connectioninfo);
    out.include_conversiontag = mask(OptionId::include_conversiontag);
    out.include_retries = mask(OptionId::include_retries);
    const std::string& instead_of_bars = options.text(OptionId::mapping_paranoia);
    if (!instead_of_bars.empty()) out.mapping_paranoia = instead_of_bars.front();
    out.access_errors = options.integer(OptionId::access_errors) != 0;
    return out;
}

access::Verdict Pipeline::ask_tables(
    access::RecipientPhase phase,
    const alias::Worklist::Item& item,
    const std::string& address,
    const std::string& channel
) {
    access::Sender sender;
    sender.source_channel =
        probe_.access_source.empty() ? probe_.source->name() : probe_.access_source;
    sender.address = probe_.sender;
    sender.authenticated_from = probe_.authenticated_from;
    access::Recipient recipient;
    recipient.destination_channel = channel;
    recipient.address = address;
    recipient.given = given();
    recipient.original_recipient = probe_.orcpt;
    recipient.recipient_count = probe_.recipient_count;
    recipient.total_recipient_count = probe_.total_recipient_count;
    recipient.conversion_tags = probe_.conversion_tags;
    tag_rules_.add(recipient.conversion_tags, presented_fate_.conversion_tags);
    if (item.effects) tag_rules_.add(recipient.conversion_tags, item.effects->conversion_tags);
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
    return verdict;
}

bool Pipeline::passes(
    access::RecipientPhase phase,
    const alias::Worklist::Item& item,
    const std::string& address,
    const std::string& channel
) {
    fate_ = presented_fate_;
    if (probe_.skip_access_tables) return true;
    access::Verdict verdict = ask_tables(phase, item, address, channel);
    const bool pending = verdict.pending;
    const bool refused = verdict.refused();
    const access::Reply reply = verdict.reply;
    fate_.hold = fate_.hold || verdict.hold;
    fate_.bitbucket = fate_.bitbucket || verdict.bitbucket || verdict.discard || verdict.jettison;
    tag_rules_.add(fate_.conversion_tags, verdict.conversion_tags, probe_.conversion_tags);
    if (phase == access::RecipientPhase::original) presented_fate_ = fate_;
    decision_.effects.take_recipient(verdict);
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
