#pragma once

#include <optional>
#include <string>

#include "base/error.h"

namespace sluice::rewrite {

struct Failure {
    StatusCode status;
    std::string text;
    friend bool operator==(const Failure&, const Failure&) = default;
};

/// Result of rewriting one address: where `failure` is set, only that and `address` (the address as
/// it was when rewriting gave up) mean anything.
struct Outcome {
    std::string address;
    std::string channel;
    std::string host;            ///< first host of the new address: where the message goes next
    std::string routing_system;  ///< host name by which the channel was found
    std::optional<Failure> failure;

    [[nodiscard]] bool ok() const { return !failure.has_value(); }
    /// "address -> channel", or "failure 5.1.2 text".
    [[nodiscard]] std::string to_debug_string() const;
};

}  // namespace sluice::rewrite
