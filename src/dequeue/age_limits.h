#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "channel/channel.h"
#include "config/configuration.h"
#include "dequeue/settlement.h"
#include "queue/history.h"

namespace sluice::dequeue {

/// The keywords `notices` of the channel for the message's priority, in the unit of RETURN_UNITS.
AgeLimits age_limits(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    const queue::Envelope& envelope
);

/// The age at which the sender was last warned about the delay; nullopt: never.
std::optional<std::chrono::seconds> warned_age(
    const std::vector<queue::HistoryRecord>& history, WallTime enqueued
);

}  // namespace sluice::dequeue
