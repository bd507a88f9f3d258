#include "callout/conn_throttle.h"

#include <mutex>
#include <unordered_map>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/limit_hits.h"

namespace sluice::callout {

using mapping::Answer;

namespace {

constexpr std::chrono::minutes window{1};
/// Addresses counted at a time. More come only in an attack; then those whose minute is over are
/// forgotten, and if there are none, all.
constexpr std::size_t most_addresses = 20000;

/// Connections of each address within its minute.
class Counter {
public:
    explicit Counter(const Clock& clock) : clock_(clock) {}

    /// Whether the connection is one too many. A `penalised` one begins the minute anew.
    bool count(const std::string& address, std::uint64_t rate, bool penalised) {
        const MonoTime now = clock_.mono_now();
        const std::lock_guard lock(mutex_);
        if (seen_.size() >= most_addresses) {
            limits::hit(
                limits::Limit::conn_throttle_addresses,
                "CONN_THROTTLE counts no more addresses than " + std::to_string(most_addresses)
            );
            forget_old(now);
        }
        auto [at, is_new] = seen_.try_emplace(address, Seen{now, 0});
        Seen& seen = at->second;
        if (now - seen.since >= window) seen = {now, 0};
        ++seen.connections;
        if (seen.connections <= rate) return false;
        if (penalised) seen.since = now;
        return true;
    }

private:
    struct Seen {
        MonoTime since;
        std::uint64_t connections = 0;
    };

    void forget_old(MonoTime now) {
        std::erase_if(seen_, [&](const auto& one) { return now - one.second.since >= window; });
        if (seen_.size() >= most_addresses) seen_.clear();
    }

    const Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, Seen> seen_;
};

class Throttle final : public Routine {
public:
    Throttle(std::shared_ptr<Counter> counter, bool penalises)
        : counter_(std::move(counter)), penalises_(penalises) {}

    [[nodiscard]] bool may_block() const override { return false; }

    Answer call(std::string_view argument) override {
        const auto fields = split(argument, ',');
        if (fields.size() != 2) return Answer::none();
        const auto address = IpAddress::parse(trim(fields[0]));
        const auto rate = parse_unsigned(trim(fields[1]));
        if (!address || !rate) return Answer::none();
        const bool exceeded = counter_->count(address->to_string(), *rate, penalises_);
        return exceeded ? Answer::literal({}) : Answer::none();
    }

private:
    std::shared_ptr<Counter> counter_;
    bool penalises_;
};

}  // namespace

void add_throttle_routines(Registry& registry, const Clock& clock) {
    const auto counter = std::make_shared<Counter>(clock);
    registry.add("conn_throttle", "throttle", std::make_unique<Throttle>(counter, false));
    registry.add("conn_throttle", "throttle_p", std::make_unique<Throttle>(counter, true));
}

}  // namespace sluice::callout
