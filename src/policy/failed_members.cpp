#include "channel/keyword.h"
#include "policy/pipeline.h"
#include "policy/refusal.h"

// Members of an alias that cannot be served while others can. Each becomes a settled recipient of
// a copy for the channel that runs messages again: it is committed together with the copies that
// are delivered, and the notification about it goes to the envelope From in force for it.
namespace sluice::policy {

namespace {

/// The channel that carries reports; nullptr: the configuration has none.
const channel::Channel* report_channel(const config::Configuration& configuration) {
    const channel::ChannelTable& channels = configuration.imta.channels;
    const channel::Channel* reprocess = channels.find("reprocess");
    return reprocess != nullptr ? reprocess : channels.find("process");
}

}  // namespace

// The report goes where the reports about this copy go: to the list's error return address.
void Pipeline::report(
    const alias::Worklist::Item& item, const std::string& address, Refusal refusal
) {
    note(TraceEntry::Stage::refusal, address + " left out: " + refusal.to_string());
    Destination destination;
    destination.address = address;
    destination.settled = StatusText{refusal.status, refusal.to_string()};
    if (item.address != address) destination.intermediate = item.address;
    if (!item.shown_as.empty()) destination.intermediate = completed_member(item.shown_as);
    if (item.effects) {
        destination.envelope_from = item.effects->envelope_from;
        destination.is_list_copy = item.effects->is_list_copy;
        destination.list_reports_delay = item.effects->reports_delay;
    }
    reports_.push_back(std::move(destination));
    decision_.failed_members.push_back({address, std::move(refusal), false});
}

void Pipeline::report_list(const alias::Worklist::Item& item, const std::string& address) {
    Destination destination;
    destination.address = address;
    destination.settled = StatusText{{2, 1, 5}, "given to the mailing list"};
    if (item.address != address) destination.intermediate = item.address;
    reports_.push_back(std::move(destination));
}

void Pipeline::settle_failures() {
    if (decision_.refusal) return;
    if (decision_.destinations.empty() && decision_.failed_members.empty()) {
        const std::string& text =
            configuration_.options.text(config::OptionId::error_text_unknown_alias);
        return refuse(make_refusal({5, 1, 1}, text, given()));
    }
    if (decision_.destinations.empty()) {
        Refusal first = std::move(decision_.failed_members.front().refusal);
        decision_.failed_members.clear();
        return refuse(std::move(first));
    }
    if (reports_.empty()) return;
    const channel::Channel* channel = report_channel(configuration_);
    if (channel == nullptr) {
        return refuse(make_refusal(
            {4, 3, 5}, "no channel for the report about an address that failed", given()
        ));
    }
    for (Destination& report : reports_) {
        report.channel = channel->name();
        decision_.destinations.push_back(std::move(report));
    }
}

// What was refused only for the moment still is: the client has the mail and tries again. Mail that
// is run again has a sender waiting for a report, which the channel makes without this.
void Pipeline::accept_refused(const std::string& completed) {
    const bool accepts = probe_.source->has(channel::Keyword::acceptalladdresses);
    if (!accepts || !decision_.refusal->is_permanent() || probe_.reprocessing ||
        probe_.only_looking)
        return;
    const channel::Channel* channel = report_channel(configuration_);
    if (channel == nullptr) return;
    Destination report;
    report.address =
        completed_member(decision_.rewritten.empty() ? completed : decision_.rewritten);
    report.channel = channel->name();
    report.settled = StatusText{decision_.refusal->status, decision_.refusal->to_string()};
    note(TraceEntry::Stage::refusal, report.address + " is accepted all the same, and reported");
    decision_.failed_members.assign(
        1, {report.address, std::move(*decision_.refusal), decision_.access.refused()}
    );
    decision_.destinations.assign(1, std::move(report));
    decision_.effects = {};
    decision_.refusal.reset();
}

}  // namespace sluice::policy
