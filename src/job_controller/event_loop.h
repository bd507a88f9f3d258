#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::job_controller {

/// epoll, level-triggered, one thread. Callbacks may add and remove descriptors, their own too.
class EventLoop {
public:
    using Callback = std::function<void(std::uint32_t events)>;

    Result<void> open();
    Result<void> watch(int fd, std::uint32_t events, Callback callback);
    void change(int fd, std::uint32_t events);
    /// Before the descriptor is closed.
    void forget(int fd);
    /// Waits for events, `limit` at most, and calls back for each.
    Result<void> turn(std::optional<std::chrono::milliseconds> limit);

private:
    UniqueFd epoll_;
    std::unordered_map<int, std::shared_ptr<Callback>> watches_;
};

}  // namespace sluice::job_controller
