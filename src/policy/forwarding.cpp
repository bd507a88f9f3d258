#include "policy/forwarding.h"

#include "base/bytes.h"
#include "policy/databases.h"
#include "policy/guarded.h"

namespace sluice::policy {

using config::OptionId;
using Kind = Forwarding::Kind;

namespace {

/// Bits of USE_FORWARD_DATABASE.
enum : std::int64_t {
    use_database = 1,
    source_in_key = 8,
    source_in_probe = 16,
    destination_in_probe = 64,
};
/// Bit of INCLUDE_CONVERSIONTAG.
constexpr std::int64_t tags_in_probe = 4;

std::string probe_text(const config::Options& options, const ForwardProbe& probe) {
    const auto has = [&](std::int64_t bit) {
        return options.bit(OptionId::use_forward_database, bit);
    };
    std::string text;
    if (has(source_in_probe)) {
        text += std::string(probe.source_channel) + '|' + guarded(options, probe.sender) + '|';
    }
    if (has(destination_in_probe)) text += std::string(probe.destination_channel) + '|';
    if (options.bit(OptionId::include_conversiontag, tags_in_probe)) {
        for (std::size_t i = 0; i < probe.conversion_tags.size(); ++i)
            text += (i == 0 ? "" : ",") + probe.conversion_tags[i];
        text += '|';
    }
    return text += guarded(options, probe.address);
}

/// The table's part; `in_database` says whether the database is asked about `result.address` next.
Forwarding ask_table(
    const config::Configuration& configuration,
    const ForwardProbe& probe,
    mapping::Answers& answers,
    const TableNotes& notes,
    bool& in_database
) {
    Forwarding result;
    result.address = probe.address;
    const mapping::Outcome outcome = probe_table(
        configuration, "FORWARD", probe_text(configuration.options, probe), probe.flags, answers,
        notes
    );
    const mapping::OutputFlags& flags = outcome.flags;
    if (has_no_answer(outcome)) {
        result.kind = Kind::not_now;
        return result;
    }
    result.is_last = flags.has('H');
    result.hold = flags.has('I');
    const std::string_view output = trim(outcome.output);
    const bool replaces = outcome.matched && flags.has('Y') && !flags.has('N') && !output.empty();
    in_database = replaces ? flags.has('G') : !result.is_last;
    if (!replaces) return result;
    result.kind = flags.has('D') ? Kind::again : Kind::replaced;
    result.address = output;
    return result;
}

}  // namespace

bool forwards_addresses(const config::Configuration& configuration) {
    return configuration.mappings.find("FORWARD") != nullptr ||
           configuration.options.bit(OptionId::use_forward_database, use_database);
}

Forwarding find_forwarding(
    const config::Configuration& configuration,
    const ForwardProbe& probe,
    mapping::Answers& answers,
    const TableNotes& notes
) {
    const config::Options& options = configuration.options;
    bool in_database = true;
    Forwarding result = ask_table(configuration, probe, answers, notes, in_database);
    if (result.kind == Kind::not_now) return result;
    if (in_database && options.bit(OptionId::use_forward_database, use_database)) {
        std::string key = result.address;
        if (options.bit(OptionId::use_forward_database, source_in_key)) {
            key = std::string(probe.source_channel) + '|' + std::string(probe.sender) + '|' + key;
        }
        const rewrite::Answer answer = find_in(Database::forward, key, answers);
        if (answer.state == rewrite::Answer::State::not_now) {
            result.kind = Kind::not_now;
        } else if (answer.state == rewrite::Answer::State::found && !trim(answer.text).empty()) {
            result.kind = Kind::again;
            result.address = trim(answer.text);
        }
    }
    // Forwarding to itself is none: such entries are written to end a series.
    const bool moves = result.kind == Kind::again || result.kind == Kind::replaced;
    if (moves && equals_ignoring_case(result.address, probe.address)) result.kind = Kind::none;
    return result;
}

}  // namespace sluice::policy
