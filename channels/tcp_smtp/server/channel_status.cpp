#include "channel_status.h"

#include <algorithm>

#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

namespace {

using counters::Group;
using counters::Measure;

struct Row {
    std::string_view name;
    Group group;
};
constexpr Row rows[] = {
    {"received", Group::received},
    {"submitted", Group::submitted},
    {"delivered at once", Group::delivered_first},
    {"delivered later", Group::delivered_later},
    {"stored", Group::stored},
    {"attempted", Group::attempted},
    {"rejected", Group::rejected},
    {"failed", Group::failed},
};

std::string figures(const counters::ChannelCounts& counts, const Row& row) {
    // Stored ones may be below zero after a reset.
    const auto count = [&](Measure measure) {
        return std::to_string(std::max<std::int64_t>(counts.at(row.group, measure), 0));
    };
    return std::string(row.name) + ": " + count(Measure::messages) + " messages, " +
           count(Measure::recipients) + " recipients, " + count(Measure::octets) + " octets";
}

}  // namespace

smtp::Reply status_reply(const counters::ChannelCounts& counts) {
    std::vector<std::string> lines{"channel " + smtp::sanitised(counts.channel)};
    for (const Row& row : rows) lines.push_back(figures(counts, row));
    lines.push_back(
        "connections: " + std::to_string(counts.current_in) + " in, " +
        std::to_string(counts.current_out) + " out"
    );
    return {250, {2, 5, 0}, std::move(lines)};
}

smtp::Reply status_reply(const std::string& channel, const std::string& path) {
    const auto segment = counters::Segment::open_existing(path);
    if (!segment) return {450, {4, 3, 0}, "The counters cannot be read now"};
    const auto all = (*segment)->read();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& counts) {
        return counts.channel == channel;
    });
    if (found != all.end()) return status_reply(*found);
    counters::ChannelCounts nothing_yet;
    nothing_yet.channel = channel;
    return status_reply(nothing_yet);
}

smtp::Reply no_such_channel(std::string_view name) {
    if (name.empty()) return smtp::replies::syntax_error();
    return {550, {5, 5, 4}, "There is no channel " + smtp::sanitised(name)};
}

smtp::Reply circuit_reply() {
    return {250, {2, 5, 0}, "There are no channels that measure round trips"};
}

}  // namespace sluice::smtp_server
