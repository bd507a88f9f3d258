#pragma once

#include <cstddef>
#include <ostream>
#include <vector>

#include "utility/qm_layout.h"
#include "utility/qm_selector.h"

namespace sluice::utility {

/// Messages of a listing that are alike: numbers first to last, counted from 1.
struct MessageGroup {
    std::size_t first = 0;
    std::size_t last = 0;

    [[nodiscard]] std::size_t size() const { return last - first + 1; }
};

/// Brings messages with the same channel, sender, recipients and reason side by side, the largest
/// group of a channel first. Pure.
std::vector<MessageGroup> group_messages(std::vector<QueuedMessage>& messages);

/// One line for each group; its numbers serve as those of a listing do.
void write_groups(
    std::ostream& out,
    const std::vector<QueuedMessage>& messages,
    const std::vector<MessageGroup>& groups,
    const ListingStyle& style
);
std::string group_json(
    const std::vector<QueuedMessage>& messages, const MessageGroup& group, const ListingStyle& style
);

}  // namespace sluice::utility
