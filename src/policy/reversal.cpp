#include "policy/reversal.h"

#include "channel/keyword.h"
#include "policy/databases.h"
#include "policy/guarded.h"

namespace sluice::policy {

using channel::Keyword;
using config::OptionId;

namespace {

/// Bits of USE_REVERSE_DATABASE.
enum : std::int64_t {
    after = 1,
    before = 2,
    forward_too = 4,
    channels_in_probe = 8,
    channels_in_key = 16,
};

bool is_wanted(const CopyContext& copy, AddressKind kind, ReversalTime time) {
    const config::Options& options = copy.configuration.options;
    const auto mask = [&](std::int64_t bit) {
        return options.bit(OptionId::use_reverse_database, bit);
    };
    if (!mask(time == ReversalTime::before_rewriting ? before : after)) return false;
    switch (kind) {
        case AddressKind::envelope_to:
            return false;
        case AddressKind::envelope_from:
            if (options.integer(OptionId::reverse_envelope) == 0) return false;
            break;
        case AddressKind::header_forward:
            if (!mask(forward_too)) return false;
            break;
        case AddressKind::header_backward:
            break;
    }
    return !copy.destination.has(Keyword::noreverse);
}

std::string key_for(const CopyContext& copy, std::int64_t with_channels, const std::string& text) {
    if (!copy.configuration.options.bit(OptionId::use_reverse_database, with_channels)) return text;
    return copy.source.name() + '|' + copy.destination.name() + '|' + text;
}

mapping::InputFlags input_flags(AddressKind kind) {
    mapping::InputFlags flags;
    flags.set(kind == AddressKind::envelope_from ? 'E' : 'B');
    flags.set(kind == AddressKind::header_forward ? 'F' : 'R');
    return flags;
}

Error not_now(const std::string& address) {
    return Error::temporary(
        {4, 4, 3}, "temporary look-up failure", "address cannot be reversed now: " + address
    );
}

void note(
    const CopyContext& copy,
    const std::string& address,
    const std::string& what,
    std::vector<mapping::TraceStep> steps = {}
) {
    if (copy.trace == nullptr) return;
    copy.trace->push_back(
        {TraceEntry::Stage::reversal, "reversing " + address + ": " + what, {}, std::move(steps)}
    );
}

rewrite::Answer in_database(const CopyContext& copy, const std::string& address) {
    return find_in(Database::reverse, key_for(copy, channels_in_key, address), copy.answers);
}

Result<std::string> by_table(
    const CopyContext& copy, AddressKind kind, std::string address, mapping::Trace* steps
) {
    mapping::Outcome outcome = probe_table(
        copy.configuration, "REVERSE",
        key_for(copy, channels_in_probe, guarded(copy.configuration.options, address)),
        input_flags(kind), copy.answers, {steps, copy.warnings}
    );
    if (has_no_answer(outcome)) return not_now(address);
    if (!outcome.matched || outcome.flags.has('N') || !outcome.flags.has('Y')) return address;
    if (!outcome.flags.has('D')) return std::move(outcome.output);
    rewrite::Answer again = in_database(copy, outcome.output);
    if (again.state == rewrite::Answer::State::not_now) return not_now(address);
    return again.state == rewrite::Answer::State::found ? std::move(again.text)
                                                        : std::move(outcome.output);
}

}  // namespace

Result<std::string> reverse_address(
    const CopyContext& copy, AddressKind kind, ReversalTime time, std::string address
) {
    if (address.empty() || !is_wanted(copy, kind, time)) return address;
    rewrite::Answer answer = in_database(copy, address);
    switch (answer.state) {
        case rewrite::Answer::State::found:
            note(copy, address, "the reverse database makes it " + answer.text);
            return std::move(answer.text);
        case rewrite::Answer::State::not_now:
            note(copy, address, "the reverse database has no answer now");
            return not_now(address);
        case rewrite::Answer::State::not_found:
            break;
    }
    if (copy.trace == nullptr) return by_table(copy, kind, std::move(address), nullptr);
    mapping::Trace steps;
    auto reversed = by_table(copy, kind, address, &steps);
    std::string what = "the table has no answer now";
    if (reversed) what = *reversed == address ? "it stays" : "it becomes " + *reversed;
    note(copy, address, what, steps.steps());
    return reversed;
}

}  // namespace sluice::policy
