#pragma once

#include <chrono>
#include <cstdint>

#include "config/channel_options.h"
#include "smtp/client_event.h"

namespace sluice::tcp_client {

/// How long the peer may take over the reply that is expected in `phase`; for the reply after the
/// dot the shares of `recipients` and `blocks` are added.
std::chrono::milliseconds reply_time(
    smtp::Phase phase,
    std::int64_t recipients,
    std::int64_t blocks,
    const config::TcpChannelOptions& options
);

/// How long writing what belongs to `phase` may take.
std::chrono::milliseconds transmit_time(
    smtp::Phase phase, const config::TcpChannelOptions& options
);

}  // namespace sluice::tcp_client
