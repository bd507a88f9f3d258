#include "policy/header_preparation.h"

#include <algorithm>

#include "base/bytes.h"
#include "channel/keyword.h"
#include "message/address_list.h"
#include "message/header_edit.h"
#include "message/header_field.h"
#include "policy/auth_rewrite.h"

namespace sluice::policy {

using channel::Keyword;
using config::OptionId;
using message::HeaderEdit;

namespace {

/// Values of MISSING_RECIPIENT_POLICY; 0 is 1.
enum : std::int64_t { as_to = 2, as_bcc = 3, as_group = 4, empty_bcc = 5, refuse = 6 };

bool is_named(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view one) {
        return equals_ignoring_case(one, name);
    });
}

/// The header without empty recipient fields; nullopt where it has none.
std::optional<std::string> without_blank_fields(std::string_view header) {
    message::SpanEdits edits;
    for (const message::HeaderField& field : message::split_header(header)) {
        if (!is_named(field.name, {"To", "Cc", "Resent-To", "Resent-Cc"})) continue;
        if (!message::unfold(field.raw_value).empty()) continue;
        const auto offset = static_cast<std::size_t>(field.raw.data() - header.data());
        edits.replace({offset, field.raw.size()}, "");
    }
    if (edits.empty()) return std::nullopt;
    return edits.apply(header);
}

bool names_recipients(std::string_view header) {
    const auto fields = message::split_header(header);
    return std::any_of(fields.begin(), fields.end(), [](const message::HeaderField& field) {
        return is_named(field.name, {"To", "Cc", "Bcc"});
    });
}

std::string listed(const std::vector<std::string>& recipients) {
    std::string out;
    for (const std::string& recipient : recipients) {
        if (!out.empty()) out += ", ";
        out += recipient.starts_with('@') ? '<' + recipient + '>' : recipient;
    }
    return out;
}

Result<std::optional<HeaderEdit>> edit_for_missing(
    const config::Configuration& configuration, const MessageProbe& probe, std::int64_t policy
) {
    const auto add = [](std::string_view name, std::string value) {
        return std::optional(HeaderEdit{HeaderEdit::Kind::add, std::string(name), std::move(value)}
        );
    };
    const config::Options& options = configuration.options;
    switch (policy) {
        case as_to:
            return add("To", listed(probe.recipients()));
        case as_bcc:
            return add("Bcc", listed(probe.recipients()));
        case as_group: {
            const std::string& name = options.text(OptionId::missing_recipient_group_text);
            return add("To", message::quoted_phrase(name) + ": ;");
        }
        case empty_bcc:
            return add("Bcc", "");
        case refuse:
            return Error::permanent(
                {5, 6, 0}, options.text(OptionId::error_text_missing_recipients)
            );
        default:
            return std::optional<HeaderEdit>();
    }
}

}  // namespace

Result<PreparedHeader> prepare_header(
    const config::Configuration& configuration,
    const MessageProbe& probe,
    std::string_view header,
    mapping::Answers& answers,
    const TableNotes& notes
) {
    PreparedHeader prepared;
    const auto current = [&] {
        return prepared.header ? std::string_view(*prepared.header) : header;
    };
    auto decision = rewrite_for_authentication(
        configuration, *probe.source, {probe.sender, probe.authenticated, header}, answers, notes
    );
    if (!decision) return std::move(decision).error();
    prepared.sender = std::move(decision->envelope_from);
    if (!decision->edits.empty()) prepared.header = message::apply_edits(header, decision->edits);
    if (probe.source->has(Keyword::dropblank)) {
        if (auto dropped = without_blank_fields(current())) prepared.header = std::move(dropped);
    }
    const std::int64_t policy = probe.source->integer(
        Keyword::missingrecipientpolicy,
        configuration.options.integer(OptionId::missing_recipient_policy)
    );
    if (policy < as_to || names_recipients(current())) return prepared;
    auto edit = edit_for_missing(configuration, probe, policy);
    if (!edit) return std::move(edit).error();
    if (*edit) prepared.header = message::apply_edits(current(), {**edit});
    return prepared;
}

}  // namespace sluice::policy
