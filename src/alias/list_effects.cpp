#include "alias/list_effects.h"

#include <algorithm>

namespace sluice::alias {

namespace {

void lower(std::optional<std::uint64_t>& limit, std::uint64_t value) {
    if (value != 0) limit = std::min(limit.value_or(value), value);
}

/// Each file is lines: what one begins another does not go on with.
std::string joined(const std::string& first, const std::string& second) {
    const bool open = !first.empty() && !second.empty() && !first.ends_with('\n');
    return first + (open ? "\n" : "") + second;
}

std::shared_ptr<const message::BodyText> around(
    const message::BodyText* inside, const message::BodyText& text
) {
    if (inside == nullptr) return std::make_shared<message::BodyText>(text);
    return std::make_shared<message::BodyText>(message::BodyText{
        joined(text.prefix, inside->prefix), joined(inside->suffix, text.suffix)});
}

}  // namespace

ListEffects with_list(
    ListEffects before,
    const MailingList& list,
    const message::HeaderEdits& edits,
    const message::BodyText& text,
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
    if (!text.empty()) effects.body_text = around(effects.body_text.get(), text);
    for (const std::string& tag : list.conversion_tags) {
        auto& tags = effects.conversion_tags;
        if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
    }
    lower(effects.size_limit, list.block_limit * block_size);
    lower(effects.line_limit, list.line_limit);
    return effects;
}

}  // namespace sluice::alias
