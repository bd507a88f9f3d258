#include "alias/list_effects.h"

#include <algorithm>

namespace sluice::alias {

namespace {

void lower(std::optional<std::uint64_t>& limit, std::uint64_t value) {
    if (value != 0) limit = std::min(limit.value_or(value), value);
}

}  // namespace

ListEffects with_list(
    ListEffects before,
    const MailingList& list,
    const message::HeaderEdits& edits,
    std::uint64_t block_size,
    bool has_sender
) {
    ListEffects effects = std::move(before);
    if (list.envelope_from) {
        effects.is_list_copy = true;
        effects.reports_delay = list.reports_delay;
        if (*list.envelope_from != "/" && has_sender) effects.envelope_from = list.envelope_from;
    }
    effects.header_edits.insert(effects.header_edits.end(), edits.begin(), edits.end());
    for (const std::string& tag : list.conversion_tags) {
        auto& tags = effects.conversion_tags;
        if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
    }
    lower(effects.size_limit, list.block_limit * block_size);
    lower(effects.line_limit, list.line_limit);
    return effects;
}

}  // namespace sluice::alias
