#include "rewrite/rewrite.h"

#include <utility>

#include "address/domain.h"
#include "base/bytes.h"
#include "rewrite/search.h"
#include "rewrite/traced_answers.h"

namespace sluice::rewrite {

namespace {

// The new text in the place where the host was.
std::string place(const FirstHost& first, const Expansion& expansion) {
    const bool in_route = first.position == Position::route;
    std::string out;
    if (!expansion.source_route.empty()) {
        out += '@' + expansion.source_route + (in_route ? ',' : ':');
    }
    if (!in_route) return out + expansion.local_part + '@' + expansion.host;
    return out + '@' + expansion.host + first.separator + expansion.local_part;
}

// How an address was taken apart, in words.
std::string explain_pass(const std::string& address, const FirstHost& first, bool found) {
    std::string out = address + ": host ";
    out += first.host;
    if (!found) return out + ", the local one, as there is none in it";
    switch (first.position) {
        case Position::route:
            out += " in the source route";
            break;
        case Position::at:
            out += " to the right of the @";
            break;
        case Position::percent:
            out += " to the right of the last %";
            break;
        case Position::bang:
            out += " to the left of the first !";
            break;
    }
    if (address::is_literal(first.host)) out += ", a domain literal";
    return out + ", rest " + std::string(first.rest);
}

/// Rewrites one address.
class Rewriting {
public:
    Rewriting(const SearchSpace& space, std::string_view address)
        : space_(space), address_(address), error_{{5, 1, 2}, space.options.unknown_host_text} {}

    Outcome run() {
        if (address_.size() > Ceilings::address) {
            return failed({{5, 1, 3}, "address is too long"});
        }
        for (unsigned pass = 0; pass < Ceilings::passes; ++pass) {
            if (auto outcome = one_pass()) return std::move(*outcome);
            if (address_.size() > Ceilings::address) {
                return failed({{5, 4, 6}, "rewrite rules make the address too long"});
            }
        }
        return failed({{5, 4, 6}, "rewrite rule loop"});
    }

private:
    [[nodiscard]] bool bang_over_percent() const { return space_.context.source.bang_over_percent; }

    // nullopt: go on with the address as it is now.
    std::optional<Outcome> one_pass() {
        const FirstHost first = first_host();
        note_pass(first);
        RuleSearch search(space_, address_, first, tag_);
        const Found found = search.run();
        if (found == Found::not_now) return silent();
        Expansion expansion = found == Found::rule ? accept(search) : as_is(first, found);
        if (expansion.form == Form::error_only) expansion = as_is(first, found);
        if (expansion.form == Form::repeat) return again(first, expansion);

        const HostEntry* owner = space_.hosts.find(expansion.routing_system);
        const bool has_last_chance =
            first.position == Position::percent || first.position == Position::bang;
        if (owner == nullptr && has_last_chance) {
            RuleSearch last_search(space_, address_, first, tag_);
            const Found last = last_search.run_last_chance();
            if (last == Found::not_now) return silent();
            if (last == Found::nothing) return local_mailbox();
            expansion = accept(last_search);
            if (expansion.form == Form::error_only) expansion = as_is(first, last);
            if (expansion.form == Form::repeat) return again(first, expansion);
            owner = space_.hosts.find(expansion.routing_system);
        }
        if (owner == nullptr) return failed(error_);
        if (leads_through_here(first, *owner)) return remove_route(first);
        return finished(first, expansion, *owner);
    }

    // An address without a host belongs to the local host.
    [[nodiscard]] FirstHost first_host() const {
        const auto found = find_first_host(address_, bang_over_percent());
        if (found) return *found;
        std::string_view rest = address_;
        // What is left of a host that was empty.
        if (!rest.empty() && rest.back() == '@') rest.remove_suffix(1);
        return {Position::at, space_.hosts.local_host(), rest};
    }

    // Tag and error text of a rule that succeeded stay in force.
    Expansion accept(RuleSearch& search) {
        Expansion expansion = std::move(search.expansion());
        if (expansion.tag) tag_ = std::move(*expansion.tag);
        if (expansion.error) error_ = std::move(*expansion.error);
        return expansion;
    }

    Expansion as_is(const FirstHost& first, Found found) {
        if (found == Found::nothing) {
            note(TraceEvent::as_is, [&] { return std::string(first.host); });
        }
        Expansion expansion;
        expansion.form = Form::host_and_route;
        expansion.local_part = first.rest;
        expansion.host = first.host;
        expansion.routing_system = first.host;
        return expansion;
    }

    std::optional<Outcome> again(const FirstHost& first, const Expansion& expansion) {
        address_ = place(first, expansion);
        return std::nullopt;
    }

    [[nodiscard]] bool leads_through_here(const FirstHost& first, const HostEntry& owner) const {
        return (owner.is_local || owner.route_local) &&
               find_first_host(first.rest, bang_over_percent()).has_value();
    }

    std::optional<Outcome> remove_route(const FirstHost& first) {
        note(TraceEvent::route_removed, [&] { return std::string(first.host); });
        address_ = std::string(first.rest);
        return std::nullopt;
    }

    // A percent or bang form that leads nowhere is a name on this host.
    Outcome local_mailbox() {
        const std::string& host = space_.hosts.local_host();
        note(TraceEvent::mailbox, [&] { return address_; });
        return done({address_ + '@' + host, space_.hosts.local_channel(), host, host, {}});
    }

    Outcome finished(const FirstHost& first, Expansion& expansion, const HostEntry& owner) {
        const Context& context = space_.context;
        const bool is_recipient = context.envelope && context.forward;
        if (owner.additional && is_recipient &&
            equals_ignoring_case(expansion.host, expansion.routing_system)) {
            note(TraceEvent::proper_name, [&] { return expansion.host; });
            expansion.host = owner.proper_name.empty() ? owner.official_host : owner.proper_name;
        }
        const std::string& next =
            expansion.source_route.empty() ? expansion.host : expansion.source_route;
        return done({place(first, expansion), owner.channel, next, expansion.routing_system, {}});
    }

    Outcome done(Outcome outcome) {
        note(TraceEvent::done, [&] { return outcome.to_debug_string(); });
        return outcome;
    }

    Outcome failed(Failure failure) {
        Outcome outcome{address_, {}, {}, {}, std::move(failure)};
        note(TraceEvent::failed, [&] { return outcome.to_debug_string(); });
        return outcome;
    }

    // 4yz: what cannot be asked now can be asked later (RFC 3463 section 3.5, X.4.3).
    Outcome silent() { return failed({{4, 4, 3}, "address cannot be looked up at the moment"}); }

    void note_pass(const FirstHost& first) const {
        if (space_.trace == nullptr) return;
        TraceStep step{TraceEvent::address, {}, {}, {}};
        const bool found = find_first_host(address_, bang_over_percent()).has_value();
        step.detail = explain_pass(address_, first, found);
        step.host = first.host;
        step.position = to_string(first.position);
        space_.trace->push_back(std::move(step));
    }

    template <class Detail>
    void note(TraceEvent event, Detail detail) const {
        if (space_.trace == nullptr) return;
        space_.trace->push_back({event, {}, {}, detail()});
    }

    const SearchSpace& space_;
    std::string address_;
    std::string tag_;
    Failure error_;
};

}  // namespace

Outcome rewrite(
    const RuleSet& rules,
    const HostTable& hosts,
    const Options& options,
    const Context& context,
    std::string_view address,
    Answers& answers,
    Trace* trace
) {
    if (trace == nullptr) {
        const SearchSpace space{rules, hosts, options, context, answers, nullptr};
        return Rewriting(space, address).run();
    }
    TracedAnswers traced(answers, *trace);
    const SearchSpace space{rules, hosts, options, context, traced, trace};
    return Rewriting(space, address).run();
}

std::string Outcome::to_debug_string() const {
    if (failure) return printable(failure->status.to_string() + ' ' + failure->text);
    return printable(address + " -> " + channel);
}

}  // namespace sluice::rewrite
