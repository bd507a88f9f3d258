#pragma once

#include <functional>
#include <map>
#include <utility>

#include "base/clock.h"

namespace sluice::simulation {

using Duration = MonoTime::duration;

/// Virtual time: what is to happen when. Nothing happens by itself; step() lets the next thing
/// happen and sets both clocks to its time. The wall clock may be moved apart from the other.
class Timeline final : public Clock {
public:
    using Action = std::function<void()>;

    [[nodiscard]] WallTime wall_now() const override {
        const auto passed = now_ - start;
        return first_day + std::chrono::duration_cast<WallTime::duration>(passed + moved_);
    }
    [[nodiscard]] MonoTime mono_now() const override { return now_; }
    [[nodiscard]] Duration elapsed() const { return now_ - start; }

    void at(MonoTime when, Action action) {
        actions_.emplace(std::pair(std::max(when, now_), ++last_), std::move(action));
    }
    void after(Duration pause, Action action) { at(now_ + pause, std::move(action)); }
    void move_wall(Duration by) { moved_ += by; }

    /// False: nothing is left to happen before `end`; it is that time then.
    bool step(MonoTime end) {
        if (actions_.empty() || actions_.begin()->first.first > end) {
            now_ = end;
            return false;
        }
        auto node = actions_.extract(actions_.begin());
        ++steps_;
        at_once_ = node.key().first > now_ ? 1 : at_once_ + 1;
        now_ = node.key().first;
        node.mapped()();
        return true;
    }

    /// Things that have happened, and those at this very moment.
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    [[nodiscard]] std::uint64_t steps_at_once() const { return at_once_; }

    static constexpr MonoTime start{std::chrono::hours(1000)};

private:
    static constexpr WallTime first_day{
        std::chrono::sys_days(std::chrono::year(2026) / std::chrono::March / 2)};
    std::map<std::pair<MonoTime, std::uint64_t>, Action> actions_;
    std::uint64_t last_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t at_once_ = 0;
    MonoTime now_ = start;
    Duration moved_{};
};

}  // namespace sluice::simulation
