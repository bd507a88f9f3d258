#pragma once

#include <chrono>
#include <optional>

#include "tracking/selection.h"
#include "utility/track_output.h"
#include "utility/utility.h"

namespace sluice::utility {

enum class TrackGrouping : std::uint8_t { message, connection, none };

/// What the command line of `imsimta track` asks for.
struct TrackRequest {
    tracking::Selection selection;
    TrackGrouping grouping = TrackGrouping::message;
    TrackView view;
    std::chrono::seconds window = std::chrono::days(6);
};

/// Takes the command line apart; says why and returns nullopt where a value makes no sense.
std::optional<TrackRequest> read_track_request(Invocation& invocation);

}  // namespace sluice::utility
