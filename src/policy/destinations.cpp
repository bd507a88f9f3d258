#include "address/local_part.h"
#include "alias/address_key.h"
#include "channel/channel_settings.h"
#include "channel/keyword.h"
#include "policy/conversion_choice.h"
#include "policy/outgoing_address.h"
#include "policy/pipeline.h"
#include "policy/refusal.h"

namespace sluice::policy {

using channel::Keyword;
using config::OptionId;

namespace {

void apply(const alias::ListEffects& effects, Destination& destination) {
    destination.envelope_from = effects.envelope_from;
    destination.is_list_copy = effects.is_list_copy;
    destination.list_reports_delay = effects.reports_delay;
    destination.header_edits = effects.header_edits;
    destination.body_text = effects.body_text;
    destination.conversion_tags = effects.conversion_tags;
    destination.size_limit = effects.size_limit;
    destination.line_limit = effects.line_limit;
    if (effects.is_held) destination.hold_reason = "list";
}

}  // namespace

void Pipeline::note_user(const std::string& user, bool known) {
    if (trace_ == nullptr) return;
    note(TraceEntry::Stage::user, user + (known ? " has a mailbox" : " has no mailbox here"));
    trace_->back().key = user;
    trace_->back().found = known;
}

void Pipeline::finish_local(
    const alias::Worklist::Item& item, const SplitAddress& parts, const channel::Channel& channel
) {
    std::string name(parts.local_part);
    if (!item.detail.empty())
        name = alias::with_detail(name, item.detail, work_.rules().subaddress_char);
    const std::string user = address::unquote_local_part(
        address::split_subaddress(name, work_.rules().subaddress_char).user
    );
    const bool known = configuration_.local_users.contains(user) &&
                       !(channel.has(Keyword::viaaliasrequired) && item.chain.depth() == 0);
    note_user(user, known);
    const std::string full = std::string(parts.local_part) + '@' + std::string(parts.domain);
    if (!known) {
        const std::string& text = configuration_.options.text(OptionId::error_text_unknown_alias);
        return fail(item, full, make_refusal({5, 1, 1}, text, given()));
    }
    if (!passes(access::RecipientPhase::expanded, item, full, channel.name())) return;
    add(item, channel, address::canonical_local_part(name), {}, full);
}

void Pipeline::finish_remote(
    const alias::Worklist::Item& item,
    const rewrite::Outcome& outcome,
    const channel::Channel& channel
) {
    // Only addresses that an alias leads to may be queued there.
    if (channel.has(Keyword::viaaliasrequired) && item.chain.depth() == 0) {
        const std::string& text = configuration_.options.text(OptionId::error_text_unknown_alias);
        return fail(item, outcome.address, make_refusal({5, 1, 1}, text, given()));
    }
    if (!passes(access::RecipientPhase::expanded, item, outcome.address, channel.name())) return;
    const auto daemon = channel::daemon_host(channel);
    add(item, channel, outgoing_recipient(configuration_, channel, outcome.address),
        daemon ? std::string(*daemon) : outcome.host, outcome.address);
}

void Pipeline::add(
    const alias::Worklist::Item& item,
    const channel::Channel& channel,
    std::string address,
    std::string host,
    const std::string& identity
) {
    // One mailbox may have several addresses.
    if (!work_.finish(channel.name() + ' ' + address)) return;
    Destination destination;
    destination.address = std::move(address);
    destination.channel = channel.name();
    destination.host = std::move(host);
    // A mailbox name means nothing outside: notices and logs show the address it came from.
    if (identity != destination.address) {
        destination.intermediate = identity;
    } else if (item.chain.depth() > 0 && item.address != destination.address) {
        destination.intermediate = item.address;
    }
    if (!item.shown_as.empty()) destination.intermediate = completed_member(item.shown_as);
    if (item.effects) apply(*item.effects, destination);
    if (starts_with_ignoring_case(channel.name(), "hold")) destination.hold_reason = "status";
    if (fate_.hold || item.is_held) destination.hold_reason = "mapping";
    if (fate_.bitbucket) destination.channel = bitbucket_channel;
    tag_rules_.add(destination.conversion_tags, fate_.conversion_tags, probe_.conversion_tags);
    note(
        TraceEntry::Stage::destination,
        destination.address + " goes to channel " + destination.channel +
            (destination.host.empty() ? "" : ", host " + destination.host)
    );
    if (!fate_.bitbucket && !divert(item, identity, destination)) return;
    decision_.destinations.push_back(std::move(destination));
}

bool Pipeline::divert(
    const alias::Worklist::Item& item, const std::string& identity, Destination& destination
) {
    if (configuration_.mappings.find("CONVERSIONS") == nullptr) return true;
    ConversionProbe question{probe_.source->name(), destination.channel, probe_.conversion_tags};
    tag_rules_.add(question.tags, destination.conversion_tags);
    mapping::Trace steps;
    const ConversionChoice choice = find_conversion(
        configuration_, question, answers_, {trace_ != nullptr ? &steps : nullptr, &table_warnings_}
    );
    if (trace_ != nullptr)
        trace_->push_back({TraceEntry::Stage::conversion, choice.text, {}, steps.steps()});
    using Kind = ConversionChoice::Kind;
    if (choice.kind == Kind::not_now) {
        fail(item, identity, make_refusal({4, 4, 3}, "temporary look-up failure", given()));
        return false;
    }
    if (choice.kind == Kind::unusable) {
        decision_.warnings.push_back(choice.text);
        fail(item, identity, make_refusal({4, 3, 5}, "local configuration error", given()));
        return false;
    }
    tag_rules_.add(destination.conversion_tags, choice.tags, probe_.conversion_tags);
    if (choice.kind == Kind::none) return true;
    destination.onward =
        channel::Onward{destination.channel, destination.address, destination.host};
    destination.address = identity;
    destination.channel = choice.channel;
    destination.host.clear();
    if (destination.intermediate == identity) destination.intermediate.clear();
    // A user whose mail waits has it wait where it goes, not on the way there.
    if (destination.hold_reason == "status") destination.hold_reason.clear();
    return true;
}

bool Pipeline::go_onward() {
    const channel::Onward& onward = *probe_.onward;
    const channel::Channel* channel = configuration_.imta.channels.find(onward.channel);
    if (channel == nullptr) {
        note(
            TraceEntry::Stage::completed,
            given() + " was for channel " + onward.channel + ", which is gone"
        );
        return false;
    }
    note(TraceEntry::Stage::completed, given() + " goes on to channel " + onward.channel);
    alias::Worklist::Item item;
    item.address = given();
    decision_.rewritten = given();
    decision_.rewritten_channel = channel->name();
    using access::RecipientPhase;
    if (passes(RecipientPhase::original, item, given(), channel->name()) &&
        passes(RecipientPhase::expanded, item, given(), channel->name()))
        add(item, *channel, onward.address, onward.host, given());
    return true;
}

}  // namespace sluice::policy
