#include "counters/host_figures.h"

#include <algorithm>
#include <tuple>

namespace sluice::counters {

namespace {

HostFigures::State state_of(const jobs::HostRow& row) {
    if (!row.down) return HostFigures::State::up;
    const bool rests = row.next_try != WallTime{};
    return rests ? HostFigures::State::down : HostFigures::State::probing;
}

/// By name where they are alike, so that the same ones are told every time.
bool is_busier(const HostLoad& a, const HostLoad& b) {
    if (a.messages != b.messages) return a.messages > b.messages;
    return std::tie(a.channel, a.host) < std::tie(b.channel, b.host);
}

}  // namespace

void HostTally::add(const jobs::HostRow& row) {
    if (row.host.empty()) return;
    ++figures_.hosts[{row.channel, state_of(row)}];
    const std::uint64_t messages = std::uint64_t{row.active} + row.delayed;
    if (most_ == 0 || messages == 0) return;
    // A heap with the least busy one in front.
    auto& busiest = figures_.busiest;
    busiest.push_back({row.channel, row.host, messages});
    std::push_heap(busiest.begin(), busiest.end(), is_busier);
    if (busiest.size() <= most_) return;
    std::pop_heap(busiest.begin(), busiest.end(), is_busier);
    busiest.pop_back();
}

HostFigures HostTally::take() {
    std::sort(figures_.busiest.begin(), figures_.busiest.end(), is_busier);
    return std::move(figures_);
}

Result<HostFigures> ask_for_hosts(jobs::ControlClient& controller, std::size_t most) {
    HostTally tally(most);
    auto listed = controller.list_hosts({}, [&](const jobs::HostRow& row) { tally.add(row); });
    if (!listed) return std::move(listed).error();
    return tally.take();
}

}  // namespace sluice::counters
