#include "access/message_effects.h"

#include <algorithm>
#include <utility>

#include "message/header_field.h"

namespace sluice::access {

namespace {

using Kind = message::HeaderEdit::Kind;

}  // namespace

void MessageEffects::take_sender(const Verdict& verdict, bool may_set_sender) {
    if (verdict.refused()) return;
    if (verdict.new_sender && may_set_sender)
        add_edit({Kind::replace, "Sender", *verdict.new_sender});
    take_common(verdict);
    conversion_tags.insert(
        conversion_tags.end(), verdict.conversion_tags.begin(), verdict.conversion_tags.end()
    );
    hold_all = hold_all || verdict.hold;
    discard_all = discard_all || verdict.bitbucket;
    no_vacation = no_vacation || verdict.no_vacation;
}

void MessageEffects::take_recipient(const Verdict& verdict) {
    if (!verdict.refused()) take_common(verdict);
}

void MessageEffects::add(const MessageEffects& other) {
    for (const message::HeaderEdit& edit : other.header_edits) add_edit(edit);
    conversion_tags.insert(
        conversion_tags.end(), other.conversion_tags.begin(), other.conversion_tags.end()
    );
    hold_all = hold_all || other.hold_all;
    discard_all = discard_all || other.discard_all;
    no_vacation = no_vacation || other.no_vacation;
}

void MessageEffects::take_common(const Verdict& verdict) {
    for (const std::string& header : verdict.headers) {
        const auto field = message::parse_header_field(header);
        if (field)
            add_edit({Kind::add, std::string(field->name), message::unfold(field->raw_value)});
    }
    for (const std::string& tag : verdict.subject_tags) {
        if (!tag.empty()) add_edit({Kind::tag_subject, {}, tag});
    }
    discard_all = discard_all || verdict.discard || verdict.jettison;
}

// Sixty recipients that match the same entry do not make sixty header lines.
void MessageEffects::add_edit(message::HeaderEdit edit) {
    const bool known =
        std::find(header_edits.begin(), header_edits.end(), edit) != header_edits.end();
    if (!known) header_edits.push_back(std::move(edit));
}

}  // namespace sluice::access
