#include "access/probes.h"
#include "policy/forwarding.h"
#include "policy/pipeline.h"
#include "policy/refusal.h"

namespace sluice::policy {

using config::OptionId;

ForwardProbe Pipeline::forward_probe(
    const alias::Worklist::Item& item,
    const rewrite::Outcome& outcome,
    const channel::Channel& channel
) const {
    ForwardProbe probe;
    probe.source_channel = probe_.source->name();
    probe.sender = probe_.sender;
    probe.destination_channel = channel.name();
    probe.address = outcome.address;
    probe.conversion_tags = probe_.conversion_tags;
    tag_rules_.add(probe.conversion_tags, presented_fate_.conversion_tags);
    if (item.effects) tag_rules_.add(probe.conversion_tags, item.effects->conversion_tags);
    access::Recipient recipient;
    recipient.notify_success = probe_.notify_success;
    recipient.notify_delay = probe_.notify_delay;
    recipient.notify_failure = probe_.notify_failure;
    probe.flags = access::recipient_flags(probe_.session, recipient);
    return probe;
}

void Pipeline::note_forwarding(
    const std::string& address, const Forwarding& found, const mapping::Trace& steps
) {
    if (trace_ == nullptr) return;
    std::string text = "FORWARD: " + address;
    switch (found.kind) {
        case Forwarding::Kind::none:
            text += " stays";
            break;
        case Forwarding::Kind::replaced:
            text += " is replaced by " + found.address;
            break;
        case Forwarding::Kind::again:
            text += " is forwarded to " + found.address;
            break;
        case Forwarding::Kind::not_now:
            text += ": no answer now";
            break;
    }
    if (found.hold) text += ", to be held";
    note(TraceEntry::Stage::alias, std::move(text), steps.steps());
}

// Every address passes here after rewriting and aliases; most of them unharmed.
void Pipeline::finish(
    const alias::Worklist::Item& item,
    const rewrite::Outcome& outcome,
    const channel::Channel& channel
) {
    const auto temporary = [&](std::string_view text) {
        fail(item, outcome.address, make_refusal({4, 4, 3}, text, given()));
    };
    if (item.forwarding_ends || !forwards_addresses(configuration_))
        return deliver(item, outcome, channel);
    mapping::Trace steps;
    Forwarding found = find_forwarding(
        configuration_, forward_probe(item, outcome, channel), answers_,
        {trace_ != nullptr ? &steps : nullptr, &table_warnings_}
    );
    note_forwarding(outcome.address, found, steps);
    if (found.kind == Forwarding::Kind::not_now) return temporary("temporary look-up failure");
    if (found.kind == Forwarding::Kind::none && !found.hold) return deliver(item, outcome, channel);

    alias::Worklist::Item next = item;
    next.is_held = item.is_held || found.hold;
    next.forwarding_ends = found.is_last;
    if (found.kind == Forwarding::Kind::none) return deliver(next, outcome, channel);
    const auto limit =
        static_cast<unsigned>(configuration_.options.integer(OptionId::max_forwards));
    if (++next.forwards > limit) {
        return fail(
            item, outcome.address,
            make_refusal({5, 4, 6}, "address is forwarded in a loop", given())
        );
    }
    next.address = found.address;
    next.detail.clear();
    if (found.kind == Forwarding::Kind::again) return take(next);
    rewrite::Outcome replaced = outcome;
    replaced.address = std::move(found.address);
    const std::string_view domain = split_address(replaced.address).domain;
    if (!domain.empty()) replaced.host = domain;
    deliver(next, replaced, channel);
}

void Pipeline::deliver(
    const alias::Worklist::Item& item,
    const rewrite::Outcome& outcome,
    const channel::Channel& channel
) {
    if (&channel == configuration_.imta.channels.local()) {
        finish_local(item, split_address(outcome.address), channel);
    } else {
        finish_remote(item, outcome, channel);
    }
}

}  // namespace sluice::policy
