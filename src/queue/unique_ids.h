#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace sluice::queue {

/// Makes unique parts: ten base-36 digits of microseconds since 2000-01-01, two of the node, four
/// of a counter that starts at 1. Unique on a host as long as no two live processes share a node
/// (Store claims one per process). Thread-safe. Not to be shared across a fork.
class UniqueIds {
public:
    /// `node`: two base-36 digits.
    explicit UniqueIds(std::string node) : node_(std::move(node)) {}
    std::string next(WallTime now);
    [[nodiscard]] const std::string& node() const { return node_; }

private:
    std::string node_;
    std::atomic<std::uint32_t> sequence_{0};
};

inline constexpr unsigned node_count = 36 * 36;
/// Two base-36 digits for a number below node_count.
std::string node_name(unsigned number);

}  // namespace sluice::queue
