#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace sluice::message {

/// Makes values for Message-ID (RFC 5322 section 3.6.4): "<" time, process seed, count "@" domain
/// ">". The left side is upper case base 36 and grows with time; the random seed keeps two
/// processes and two starts apart even when the clock goes back. Thread-safe.
class MessageIdGenerator {
public:
    /// `domain` is ID_DOMAIN. The seed comes from the kernel's random source.
    explicit MessageIdGenerator(std::string domain);
    /// For tests: a known seed.
    MessageIdGenerator(std::string domain, std::uint64_t seed);

    /// With brackets; never the same twice.
    [[nodiscard]] std::string next(WallTime now);

private:
    std::string domain_;
    std::uint64_t seed_;
    std::mutex mutex_;  // guards count_
    std::uint64_t count_ = 0;
};

}  // namespace sluice::message
