#include "policy/auth_rewrite.h"

#include <algorithm>

#include "base/bytes.h"
#include "channel/keyword.h"
#include "mapping/engine.h"
#include "message/address_list.h"
#include "message/header_field.h"
#include "policy/guarded.h"

namespace sluice::policy {

using message::HeaderEdit;

namespace {

/// The parts of the keyword's argument.
enum : std::int64_t { form_bits = 15, without_authentication = 16, with_channel = 32 };
enum : std::int64_t {
    add_sender_or_resent = 1,
    add_sender = 2,
    table_with_resent = 3,
    table = 4,
    add_from_or_resent = 5,
    add_from = 6,
};

bool is_resent(std::string_view header) {
    const auto fields = message::split_header(header);
    return std::any_of(fields.begin(), fields.end(), [](const message::HeaderField& field) {
        return starts_with_ignoring_case(field.name, "Resent-");
    });
}

/// The first address of the first field of that name; empty where there is none.
std::string address_in(std::string_view header, std::string_view name) {
    const auto value = message::find_header(header, name);
    if (!value) return {};
    auto list = message::parse_address_list(*value);
    return list && !list->addresses.empty() ? std::move(list->addresses[0].address) : std::string();
}

HeaderEdit field(std::string_view name, std::string_view address) {
    return {HeaderEdit::Kind::replace, std::string(name), std::string(address)};
}

/// Takes the pieces of the table's output, separated by vertical bars, one after the other.
class Pieces {
public:
    explicit Pieces(std::string_view output) : rest_(output) {}

    std::string_view next() {
        const std::size_t bar = std::min(rest_.find('|'), rest_.size());
        const std::string_view piece = rest_.substr(0, bar);
        rest_.remove_prefix(std::min(bar + 1, rest_.size()));
        return trim(piece);
    }
    [[nodiscard]] std::string_view rest() const { return trim(rest_); }

private:
    std::string_view rest_;
};

Result<AuthDecision> decide(const mapping::Outcome& outcome, bool resent) {
    const mapping::OutputFlags& flags = outcome.flags;
    AuthDecision decision;
    Pieces pieces(outcome.output);
    if (flags.has('J') || flags.has('K')) decision.envelope_from = std::string(pieces.next());
    if (flags.has('Y') || flags.has('T')) {
        const bool resent_field = resent && !flags.has('T');
        decision.edits.push_back(field(resent_field ? "Resent-Sender" : "Sender", pieces.next()));
    }
    if (flags.has('Z')) decision.edits.push_back(field("From", pieces.next()));
    if (!flags.has('N')) return decision;
    const std::string_view text = pieces.rest();
    return Error::permanent(
        {5, 7, 1}, text.empty() ? "invalid originator address used" : std::string(text)
    );
}

Result<AuthDecision> ask_table(
    const config::Configuration& configuration,
    const channel::Channel& source,
    const AuthProbe& probe,
    std::int64_t setting,
    mapping::Answers& answers,
    const TableNotes& notes
) {
    const bool resent = (setting & form_bits) == table_with_resent && is_resent(probe.header);
    const std::string prefix = resent ? "Resent-" : "";
    std::string text;
    if ((setting & with_channel) != 0) text = source.name() + '|';
    const auto part = [&](std::string_view value) { return guarded(configuration.options, value); };
    text += part(probe.sender) + '|' + part(address_in(probe.header, prefix + "Sender")) + '|' +
            part(address_in(probe.header, prefix + "From")) + '|' + part(probe.authenticated);
    const mapping::Outcome outcome =
        probe_table(configuration, "AUTH_REWRITE", text, {}, answers, notes);
    if (outcome.pending || (outcome.temporary_failure && outcome.flags.empty())) {
        return Error::temporary(
            {4, 4, 3}, "temporary look-up failure", "table AUTH_REWRITE has no answer now"
        );
    }
    if (!outcome.matched) return AuthDecision();
    return decide(outcome, resent);
}

}  // namespace

Result<AuthDecision> rewrite_for_authentication(
    const config::Configuration& configuration,
    const channel::Channel& source,
    const AuthProbe& probe,
    mapping::Answers& answers,
    const TableNotes& notes
) {
    const std::int64_t setting = source.integer(channel::Keyword::authrewrite, 0);
    const bool authenticated = !probe.authenticated.empty();
    AuthDecision decision;
    switch (setting & form_bits) {
        case table_with_resent:
        case table:
            if (!authenticated && (setting & without_authentication) == 0) break;
            return ask_table(configuration, source, probe, setting, answers, notes);
        case add_sender_or_resent:
        case add_sender:
        case add_from_or_resent:
        case add_from: {
            if (!authenticated) break;
            const std::int64_t form = setting & form_bits;
            const bool from = form == add_from || form == add_from_or_resent;
            const bool either = form == add_sender_or_resent || form == add_from_or_resent;
            const std::string prefix = either && is_resent(probe.header) ? "Resent-" : "";
            decision.edits.push_back(field(prefix + (from ? "From" : "Sender"), probe.authenticated)
            );
            break;
        }
        default:
            break;
    }
    return decision;
}

}  // namespace sluice::policy
