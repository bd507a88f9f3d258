#pragma once

#include <functional>
#include <string>
#include <vector>

#include "channel/channel.h"
#include "enqueue/message_builder.h"
#include "enqueue/runtime.h"
#include "notify/builder.h"

namespace sluice::dequeue {

/// Writes a message of our own into the sink that it is given.
using NoticeBuilder = std::function<Result<notify::BuiltNotice>(const notify::OutputSink&)>;

/// Writes one message of our own about mail of `channel`, for the channel process (or the one named
/// by `notificationchannel`), and for all addresses in `to`. Not yet in the queue.
Result<enqueue::PreparedMessage> write_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    const std::string& original_message_id,
    const std::vector<std::string>& to,
    const NoticeBuilder& build
);

}  // namespace sluice::dequeue
