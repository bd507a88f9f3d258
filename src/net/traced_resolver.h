#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/dns.h"

namespace sluice::net {

/// Asks `resolver`, and tells `note` each question with its answer in a line, as TRACE_LEVEL=2
/// wants it. `note` is called by whoever asks; names from outside are printable in it.
std::unique_ptr<Resolver> traced(
    std::unique_ptr<Resolver> resolver, std::function<void(const std::string&)> note
);

}  // namespace sluice::net
