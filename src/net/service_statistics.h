#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

// What the dispatcher knows about its services, and how it is asked: a line over the Unix socket
// run/dispatcher.sock, an answer, the end (docs/formats/dispatcher-control.md).
namespace sluice::net {

struct Spread {
    double least = 0;
    double average = 0;
    double most = 0;
};

struct ServiceFigures {
    std::string service;
    std::string ports;  ///< "127.0.0.1:25, [::1]:465 tls"
    std::uint64_t ready = 0;
    std::uint64_t busy = 0;      ///< workers with MIN_CONNS connections or more
    std::uint64_t shutting = 0;  ///< workers that take no new connections
    std::uint64_t current = 0;
    std::uint64_t peak = 0;
    std::uint64_t total = 0;
    std::uint64_t rejected = 0;
    Spread concurrent;
    Spread per_hour;
    Spread duration;  ///< seconds
};

struct WorkerFigures {
    std::string service;
    std::uint64_t pid = 0;
    std::string state;  ///< starting, ready, busy, shutting, ended
    std::uint64_t current = 0;
    std::uint64_t peak = 0;
    std::uint64_t total = 0;
    WallTime started{};
    std::optional<WallTime> ended;
};

struct ConnectionFigures {
    std::string service;
    std::uint64_t id = 0;
    std::uint64_t pid = 0;
    std::string source;  ///< "192.0.2.1:4711"
    std::string destination;
    WallTime started{};
    std::optional<WallTime> ended;
    std::string outcome;  ///< open, closed, worker died
};

struct Statistics {
    std::vector<ServiceFigures> services;
    std::vector<WorkerFigures> workers;
    std::vector<ConnectionFigures> connections;
};

std::string encode(const Statistics& statistics);
/// Records of kinds that are not known are passed over; a torn answer is an Error.
Result<Statistics> decode_statistics(std::string_view text);

/// Longest question.
inline constexpr std::size_t control_line_limit = 256;
/// Asks a running dispatcher: STATISTICS, or RESTART and the name of a service. An Error with errno
/// where nobody answers; a permanent one with its words where it refuses.
Result<std::string> ask_dispatcher(
    const std::string& socket_path, std::string_view question, std::chrono::milliseconds patience
);

}  // namespace sluice::net
