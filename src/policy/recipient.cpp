#include "policy/recipient.h"

#include "address/local_part.h"
#include "alias/address_key.h"
#include "alias/worklist.h"
#include "channel/channel_settings.h"
#include "channel/keyword.h"
#include "policy/rewriting.h"

namespace sluice::policy {

using channel::Keyword;
using config::OptionId;

namespace {

/// "550 5.7.1 text: address" as the access room makes it, back into its parts.
Refusal refusal_from(const access::Reply& reply) {
    Refusal refusal;
    refusal.code = reply.code;
    refusal.status = reply.status;
    const std::string prefix = std::to_string(reply.code) + ' ' + reply.status.to_string() + ' ';
    for (const std::string& line : reply.lines) {
        if (!refusal.text.empty()) refusal.text += ' ';
        refusal.text += line.starts_with(prefix) ? line.substr(prefix.size()) : line;
    }
    return refusal;
}

Refusal make_refusal(const StatusCode& status, std::string_view text, std::string_view address) {
    Refusal refusal;
    refusal.code = status.status_class == 5 ? 550 : 450;
    refusal.status = status;
    refusal.text = std::string(text) + ": " + std::string(address);
    return refusal;
}

alias::LookupRules lookup_rules(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    alias::LookupRules rules;
    rules.alias_domains = options.integer(OptionId::alias_domains);
    rules.max_levels = static_cast<std::size_t>(options.integer(OptionId::max_alias_levels));
    return rules;
}

alias::SubaddressMode subaddress_mode(const channel::Channel& channel) {
    if (channel.has(Keyword::subaddresswild)) return alias::SubaddressMode::wild;
    if (channel.has(Keyword::subaddressexact)) return alias::SubaddressMode::exact;
    return alias::SubaddressMode::relaxed;
}

/// Takes one presented address to its destinations.
class Pipeline {
public:
    Pipeline(
        const config::Configuration& configuration,
        const RecipientProbe& probe,
        mapping::Answers& answers,
        Trace* trace
    )
        : configuration_(configuration),
          probe_(probe),
          answers_(answers),
          trace_(trace),
          access_options_(access_options(configuration)),
          work_(configuration.aliases, lookup_rules(configuration)) {}

    RecipientDecision run() {
        const std::string first = complete_address(
            configuration_, *probe_.source, AddressKind::envelope_to, probe_.address,
            probe_.client_name
        );
        note(TraceEntry::Stage::completed, probe_.address + " is taken as " + first);
        work_.start(first);
        while (const auto item = work_.next()) {
            take(*item);
            if (decision_.refusal) return std::move(decision_);
        }
        if (decision_.destinations.empty() && first_failure_) {
            refuse(*first_failure_);
        } else if (decision_.destinations.empty()) {
            refuse(make_refusal(
                {5, 1, 1}, configuration_.options.text(OptionId::error_text_unknown_alias), given()
            ));
        }
        return std::move(decision_);
    }

private:
    [[nodiscard]] const std::string& given() const { return probe_.address; }

    void note(TraceEntry::Stage stage, std::string text) {
        if (trace_ != nullptr) trace_->push_back({stage, std::move(text), {}, {}});
    }

    void refuse(Refusal refusal) {
        note(TraceEntry::Stage::refusal, refusal.to_string());
        decision_.refusal = std::move(refusal);
    }

    /// The address that was presented is refused at once; a member of an alias is only left out,
    /// unless a later attempt may reach it: leaving it out then would lose its mail.
    void fail(const alias::Worklist::Item& item, Refusal refusal) {
        if (item.chain.depth() == 0 || !refusal.is_permanent()) {
            refuse(std::move(refusal));
            return;
        }
        note(TraceEntry::Stage::refusal, item.address + " left out: " + refusal.to_string());
        if (!first_failure_) first_failure_ = std::move(refusal);
    }

    void take(const alias::Worklist::Item& item) {
        const bool presented = item.chain.depth() == 0;
        // Members of aliases without a host are names of this system, whoever sent the message.
        const std::string address = presented ? item.address : completed_member(item.address);
        rewrite::Trace steps;
        const rewrite::Outcome outcome = rewrite_address(
            configuration_, *probe_.source, AddressKind::envelope_to, address, answers_,
            trace_ != nullptr ? &steps : nullptr, probe_.reprocessing
        );
        if (trace_ != nullptr) {
            trace_->push_back(
                {TraceEntry::Stage::rewriting, "rewriting " + address, std::move(steps), {}}
            );
        }
        if (!outcome.ok()) {
            fail(item, make_refusal(outcome.failure->status, outcome.failure->text, given()));
            return;
        }
        const channel::Channel* channel = configuration_.imta.channels.find(outcome.channel);
        if (channel == nullptr) {
            fail(
                item,
                make_refusal({5, 1, 2}, configuration_.rewrite_options.unknown_host_text, given())
            );
            return;
        }
        if (presented) {
            decision_.rewritten = outcome.address;
            if (!passes(access::RecipientPhase::original, item, outcome.address, channel->name()))
                return;
        }
        const bool is_local = channel == configuration_.imta.channels.local();
        if (is_local || channel->has(Keyword::aliaslocal)) {
            expand(item, outcome, *channel, is_local);
        } else {
            finish_remote(item, outcome, *channel);
        }
    }

    [[nodiscard]] std::string completed_member(const std::string& address) const {
        if (!split_address(address).domain.empty()) return address;
        return address + '@' + std::string(configuration_.local_host());
    }

    void expand(
        const alias::Worklist::Item& item,
        const rewrite::Outcome& outcome,
        const channel::Channel& channel,
        bool is_local
    ) {
        const SplitAddress parts = split_address(outcome.address);
        alias::Query query;
        query.local_part = parts.local_part;
        query.domain = parts.domain;
        query.is_local_channel = is_local;
        query.mode = subaddress_mode(channel);
        const auto result = work_.resolve(query, item);
        using Kind = alias::Worklist::Outcome::Kind;
        switch (result.kind) {
            case Kind::expanded:
                note(
                    TraceEntry::Stage::alias,
                    outcome.address + " is alias " + result.expansion->alias->to_debug_string()
                );
                return;
            case Kind::repeated:
                note(TraceEntry::Stage::alias, outcome.address + " was expanded before");
                return;
            case Kind::failed:
                fail(item, make_refusal(result.error->status(), result.error->text(), given()));
                return;
            case Kind::final:
                break;
        }
        if (is_local) {
            finish_local(item, parts, channel);
        } else {
            finish_remote(item, outcome, channel);
        }
    }

    void finish_local(
        const alias::Worklist::Item& item,
        const SplitAddress& parts,
        const channel::Channel& channel
    ) {
        std::string name(parts.local_part);
        if (!item.detail.empty()) name = alias::with_detail(name, item.detail, '+');
        const std::string user = address::unquote_local_part(address::split_subaddress(name).user);
        const bool known = configuration_.local_users.contains(user) &&
                           !(channel.has(Keyword::viaaliasrequired) && item.chain.depth() == 0);
        note(TraceEntry::Stage::user, user + (known ? " has a mailbox" : " has no mailbox here"));
        if (!known) {
            fail(
                item, make_refusal(
                          {5, 1, 1},
                          configuration_.options.text(OptionId::error_text_unknown_alias), given()
                      )
            );
            return;
        }
        const std::string full = std::string(parts.local_part) + '@' + std::string(parts.domain);
        if (!passes(access::RecipientPhase::expanded, item, full, channel.name())) return;
        add(item, channel, address::canonical_local_part(name), {}, full);
    }

    void finish_remote(
        const alias::Worklist::Item& item,
        const rewrite::Outcome& outcome,
        const channel::Channel& channel
    ) {
        if (!passes(access::RecipientPhase::expanded, item, outcome.address, channel.name()))
            return;
        const auto daemon = channel::daemon_host(channel);
        add(item, channel, outcome.address, daemon ? std::string(*daemon) : outcome.host,
            outcome.address);
    }

    /// False when an access table refused the address; the refusal is noted then.
    bool passes(
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
        recipient.total_recipient_count =
            probe_.total_recipient_count + decision_.destinations.size();
        recipient.notify_success = probe_.notify_success;
        recipient.notify_delay = probe_.notify_delay;
        recipient.notify_failure = probe_.notify_failure;
        mapping::Trace steps;
        const access::Context context{
            configuration_.mappings, access_options_, answers_,
            trace_ != nullptr ? &steps : nullptr};
        access::Verdict verdict =
            access::check_recipient(context, phase, probe_.session, sender, recipient);
        if (trace_ != nullptr) {
            trace_->push_back(
                {TraceEntry::Stage::access,
                 "access: " + verdict.to_debug_string(),
                 {},
                 steps.steps()}
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
            fail(item, make_refusal({4, 4, 3}, "temporary look-up failure", given()));
            return false;
        }
        if (refused) {
            fail(item, refusal_from(reply));
            return false;
        }
        return true;
    }

    void add(
        const alias::Worklist::Item& item,
        const channel::Channel& channel,
        std::string address,
        std::string host,
        const std::string& identity
    ) {
        if (!work_.finish(identity)) return;
        Destination destination;
        destination.address = std::move(address);
        destination.channel = channel.name();
        destination.host = std::move(host);
        if (item.chain.depth() > 0) destination.intermediate = item.address;
        if (starts_with_ignoring_case(channel.name(), "hold")) destination.hold_reason = "status";
        if (hold_ || held_before_) destination.hold_reason = "mapping";
        if ((bitbucket_ || discarded_before_) &&
            configuration_.imta.channels.find("bitbucket") != nullptr) {
            destination.channel = "bitbucket";
        }
        note(
            TraceEntry::Stage::destination,
            destination.address + " goes to channel " + destination.channel +
                (destination.host.empty() ? "" : ", host " + destination.host)
        );
        decision_.destinations.push_back(std::move(destination));
    }

    const config::Configuration& configuration_;
    const RecipientProbe& probe_;
    mapping::Answers& answers_;
    Trace* trace_;
    access::Options access_options_;
    alias::Worklist work_;
    RecipientDecision decision_;
    std::optional<Refusal> first_failure_;
    bool hold_ = false;
    bool bitbucket_ = false;
    bool held_before_ = false;
    bool discarded_before_ = false;
};

}  // namespace

access::Options access_options(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    const auto mask = [&](OptionId id) { return static_cast<unsigned>(options.integer(id)); };
    access::Options out;
    out.access_orcpt = mask(OptionId::access_orcpt);
    out.access_counts = mask(OptionId::access_counts);
    out.access_errors = options.integer(OptionId::access_errors) != 0;
    return out;
}

SenderDecision decide_sender(
    const config::Configuration& configuration,
    const SenderProbe& probe,
    mapping::Answers& answers,
    Trace* trace
) {
    SenderDecision decision;
    const std::string completed = complete_address(
        configuration, *probe.source, AddressKind::envelope_from, probe.address, probe.client_name
    );
    decision.address = completed;
    if (!completed.empty()) {
        rewrite::Trace steps;
        const rewrite::Outcome outcome = rewrite_address(
            configuration, *probe.source, AddressKind::envelope_from, completed, answers,
            trace != nullptr ? &steps : nullptr
        );
        // A sender that cannot be rewritten is left as it is (spec page imta-cnf, section 4.9).
        if (outcome.ok()) decision.address = outcome.address;
        if (trace != nullptr) {
            trace->push_back(
                {TraceEntry::Stage::rewriting,
                 "rewriting sender " + completed,
                 std::move(steps),
                 {}}
            );
        }
    }
    access::Sender sender;
    sender.source_channel = probe.source->name();
    sender.address = decision.address;
    sender.authenticated_from = probe.authenticated_from;
    sender.given = probe.address;
    mapping::Trace steps;
    const access::Options options = access_options(configuration);
    const access::Context context{
        configuration.mappings, options, answers, trace != nullptr ? &steps : nullptr};
    decision.access = access::check_from(context, probe.session, sender);
    if (trace != nullptr) {
        trace->push_back(
            {TraceEntry::Stage::access,
             "FROM_ACCESS: " + decision.access.to_debug_string(),
             {},
             steps.steps()}
        );
    }
    if (decision.access.pending) {
        decision.refusal = make_refusal({4, 4, 3}, "temporary look-up failure", probe.address);
    } else if (decision.access.refused()) {
        decision.refusal = refusal_from(decision.access.reply);
    } else if (decision.access.new_from) {
        decision.address = *decision.access.new_from;
    }
    return decision;
}

RecipientDecision decide_recipient(
    const config::Configuration& configuration,
    const RecipientProbe& probe,
    mapping::Answers& answers,
    Trace* trace
) {
    return Pipeline(configuration, probe, answers, trace).run();
}

}  // namespace sluice::policy
