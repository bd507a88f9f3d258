#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace sluice::dequeue {

/// Keyword `deferred`: how long the field Deferred-delivery of this header (CRLF lines) asks to
/// wait from `now` on. nullopt: not at all, or not in a way that is understood. Pure.
[[nodiscard]] std::optional<std::chrono::seconds> deferred_for(
    std::string_view header, WallTime now
);

}  // namespace sluice::dequeue
