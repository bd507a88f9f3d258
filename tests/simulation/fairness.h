#pragma once

#include <map>
#include <string>

#include "world.h"

namespace sluice::simulation {

/// The bound of fairness: a host that is up and has mail gets a worker within
///     start + classes * ceil(hosts / threads) * turn
/// where `start` is a suspension and the start of a program, `threads` what one program has, `turn`
/// the longest that a worker stays with a host while others wait: the time of a turn, a batch that
/// was begun in it, and the session that was begun in that. It follows from the configuration
/// alone; the number of messages for other hosts is not in it. The same for a channel whose hosts
/// are all alike: mail that is ready is in somebody's hands within `start` and a place in the pool.
/// Mail on disk is fetched when there is room. And nobody is forgotten: an eligible file is
/// tracked, or known to be untracked, within minutes where the job controller was told about it,
/// else within two periods of the scan.
class Fairness {
public:
    explicit Fairness(World& world);

    void begin();
    /// Seconds.
    [[nodiscard]] std::uint64_t longest_wait() const;

private:
    void look();
    void look_at_hosts();
    void look_at_channel(const std::string& name);
    void look_at_overflow();
    void look_for_the_forgotten();
    void waits(const std::string& who, bool waiting, Duration bound);

    World& world_;
    Duration bound_;
    unsigned life_ = 0;
    unsigned minutes_ = 0;
    std::map<std::string, MonoTime> since_;
    std::map<std::string, MonoTime> untracked_since_;
    Duration longest_{};
};

}  // namespace sluice::simulation
