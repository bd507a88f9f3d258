#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/unique_fd.h"

// The little that both ends of a measurement need of the kernel. One thread each.
namespace sluice::bench {

/// Waits for many sockets, each known by a number of the caller's.
class Poller {
public:
    struct Event {
        std::uint64_t key;
        bool readable;
        bool writable;
    };

    Poller();
    void add(int fd, std::uint64_t key);
    /// Whether to wait until `fd` takes more bytes, besides waiting for input.
    void watch_output(int fd, std::uint64_t key, bool on);
    /// The span is valid until the next call.
    std::span<const Event> wait(std::chrono::milliseconds limit);

private:
    UniqueFd epoll_;
    std::vector<epoll_event> raw_;
    std::vector<Event> events_;
};

/// A socket with its unsent output.
class Stream {
public:
    Stream(Poller& poller, UniqueFd socket, std::uint64_t key);

    /// Appends what has arrived; false at the end of the connection.
    bool receive(std::string& input);
    /// Sends `output` and what was left before, as far as the kernel takes it; false on a failure.
    bool send(std::string& output);
    [[nodiscard]] bool has_unsent() const { return sent_ < unsent_.size(); }

private:
    Poller& poller_;
    UniqueFd socket_;
    std::uint64_t key_;
    std::string unsent_;
    std::size_t sent_ = 0;
    bool watches_ = false;
};

/// Begins to connect; an invalid descriptor when even that fails.
UniqueFd start_connecting(const Endpoint& endpoint);
/// Seconds of the clock that all programs of a machine share (CLOCK_MONOTONIC).
double seconds_of(MonoTime time);
/// User and system seconds this process has used.
double own_cpu_seconds();

}  // namespace sluice::bench
