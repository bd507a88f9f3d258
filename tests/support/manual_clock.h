#pragma once

#include "base/clock.h"

namespace sluice::test {

/// A clock that goes when it is told to.
class ManualClock final : public Clock {
public:
    [[nodiscard]] WallTime wall_now() const override { return wall_; }
    [[nodiscard]] MonoTime mono_now() const override { return mono_; }
    void advance(std::chrono::milliseconds by) {
        wall_ += by;
        mono_ += by;
    }

private:
    WallTime wall_{std::chrono::hours(500000)};
    MonoTime mono_{std::chrono::hours(1000)};
};

}  // namespace sluice::test
