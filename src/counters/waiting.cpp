#include "counters/waiting.h"

#include <algorithm>

namespace sluice::counters {

Result<std::vector<Waiting>> ask_for_waiting(jobs::ControlClient& controller) {
    std::vector<Waiting> all;
    auto listed = controller.list_channels({}, [&](const jobs::ChannelRow& row) {
        Waiting& one = all.emplace_back();
        one.channel = row.channel;
        one.pool = row.pool;
        one.messages = std::uint64_t{row.ready} + row.in_progress + row.delayed;
        one.recipients = row.recipients;
        one.octets = row.size;
        if (one.messages > 0) one.oldest = row.oldest;
        one.jobs = row.jobs;
        one.stopped = row.stopped;
    });
    if (!listed) return std::move(listed).error();
    std::sort(all.begin(), all.end(), [](const Waiting& a, const Waiting& b) {
        return a.channel < b.channel;
    });
    return all;
}

}  // namespace sluice::counters
