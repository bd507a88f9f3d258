#pragma once

#include <string>
#include <string_view>

#include "counters/segment.h"
#include "smtp/reply.h"

// XSTA and XCIR (spec page smtp-channel, section 4.6).
namespace sluice::smtp_server {

/// What was counted about a channel, a line for each group. Pure.
smtp::Reply status_reply(const counters::ChannelCounts& counts);
/// The same out of the counters' file at `path`; 450 where it cannot be read now.
smtp::Reply status_reply(const std::string& channel, const std::string& path);
/// XSTA for a channel that is not configured.
smtp::Reply no_such_channel(std::string_view name);
/// XCIR: there are no channels that measure round trips, so there is nothing to show.
smtp::Reply circuit_reply();

}  // namespace sluice::smtp_server
