#pragma once

#include <string_view>

#include "enqueue/runtime.h"
#include "log/event.h"
#include "queue/message_file.h"

namespace sluice::dequeue {

/// Whether mail.log has entries about messages in this channel's queue; those of a channel that is
/// no longer configured are logged.
bool is_channel_logged(const enqueue::Runtime& runtime, std::string_view channel);

/// What all log entries about the end, or the delay, of a queued message say: the caller adds the
/// kind, add_recipient(), and what is known of the attempt. `location` is the name that is logged.
log::Event event_about(
    enqueue::Runtime& runtime,
    const queue::MessageFile& file,
    const queue::MessageLocation& location,
    WallTime now
);

/// Fills in the recipient's fields.
void set_recipient(log::Event& event, const queue::Recipient& recipient);

}  // namespace sluice::dequeue
