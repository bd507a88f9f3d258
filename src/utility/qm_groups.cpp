#include "utility/qm_groups.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "utility/json_line.h"
#include "utility/printable.h"

namespace sluice::utility {

namespace {

using Key = std::tuple<std::string, std::string, std::vector<std::string>, std::string>;

Key key_of(const QueuedMessage& message) {
    return {message.location.channel, message.sender, message.recipients, message.reason};
}

struct Sums {
    std::uint64_t octets = 0;
    std::uint64_t blocks = 0;
    WallTime oldest = WallTime::max();
};

Sums sums_of(
    const std::vector<QueuedMessage>& messages, const MessageGroup& group, std::uint64_t block
) {
    Sums sums;
    for (std::size_t i = group.first - 1; i < group.last; ++i) {
        sums.octets += messages[i].size;
        sums.blocks += blocks_of(messages[i].size, block);
        sums.oldest = std::min(sums.oldest, messages[i].since);
    }
    return sums;
}

std::string recipients_text(const std::vector<std::string>& recipients) {
    if (recipients.empty()) return "-";
    std::string text = printable_text(recipients.front());
    if (recipients.size() > 1) text += " and " + std::to_string(recipients.size() - 1) + " more";
    return text;
}

std::string numbers_text(const MessageGroup& group) {
    std::string text = std::to_string(group.first);
    if (group.size() > 1) text += '-' + std::to_string(group.last);
    return text;
}

}  // namespace

std::vector<MessageGroup> group_messages(std::vector<QueuedMessage>& messages) {
    std::map<Key, std::vector<QueuedMessage>> sorted;
    for (QueuedMessage& message : messages) {
        Key key = key_of(message);
        sorted[std::move(key)].push_back(std::move(message));
    }
    std::vector<std::vector<QueuedMessage>*> order;
    for (auto& [key, members] : sorted) order.push_back(&members);
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
        const int channels = a->front().location.channel.compare(b->front().location.channel);
        return channels != 0 ? channels < 0 : a->size() > b->size();
    });
    messages.clear();
    std::vector<MessageGroup> groups;
    for (std::vector<QueuedMessage>* members : order) {
        const std::size_t first = messages.size() + 1;
        std::move(members->begin(), members->end(), std::back_inserter(messages));
        groups.push_back({first, messages.size()});
    }
    return groups;
}

void write_groups(
    std::ostream& out,
    const std::vector<QueuedMessage>& messages,
    const std::vector<MessageGroup>& groups,
    const ListingStyle& style
) {
    constexpr std::size_t numbers_width = 13;
    constexpr std::size_t count_width = 6;
    constexpr std::size_t blocks_width = 8;
    std::string channel;
    for (const MessageGroup& group : groups) {
        const QueuedMessage& one = messages[group.first - 1];
        if (one.location.channel != channel) {
            if (!channel.empty()) out << '\n';
            channel = one.location.channel;
            out << "Channel: " << printable_text(channel) << '\n';
            if (style.heading) {
                out << pad_right("Messages", numbers_width) << ' ' << pad_left("Count", count_width)
                    << ' ' << pad_left("Blocks", blocks_width) << "  " << pad_right("Oldest", 20)
                    << "  From, to, reason\n";
            }
        }
        const Sums sums = sums_of(messages, group, style.block_size);
        out << pad_right(numbers_text(group), numbers_width) << ' '
            << pad_left(std::to_string(group.size()), count_width) << ' '
            << pad_left(std::to_string(sums.blocks), blocks_width) << "  "
            << qm_date(sums.oldest, style.zone) << "  "
            << (one.sender.empty() ? "<>" : printable_text(one.sender)) << ", "
            << recipients_text(one.recipients);
        if (!one.reason.empty()) out << ", " << printable_text(one.reason);
        out << '\n';
    }
    if (style.total) out << messages.size() << " messages in " << groups.size() << " groups\n";
}

std::string group_json(
    const std::vector<QueuedMessage>& messages, const MessageGroup& group, const ListingStyle& style
) {
    const QueuedMessage& one = messages[group.first - 1];
    const Sums sums = sums_of(messages, group, style.block_size);
    JsonLine json;
    json.add("channel", one.location.channel)
        .add("first_id", std::uint64_t{group.first})
        .add("last_id", std::uint64_t{group.last})
        .add("messages", std::uint64_t{group.size()})
        .add("size", sums.octets)
        .add("blocks", sums.blocks)
        .add("oldest", sums.oldest)
        .add("sender", one.sender)
        .add("recipients", one.recipients)
        .add("reason", one.reason);
    return json.to_string();
}

}  // namespace sluice::utility
