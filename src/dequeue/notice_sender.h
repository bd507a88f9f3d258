#pragma once

#include <string>
#include <vector>

#include "dequeue/disposition.h"
#include "dequeue/settlement.h"
#include "enqueue/message_builder.h"
#include "enqueue/runtime.h"
#include "queue/message_file.h"

namespace sluice::dequeue {

struct NoticeItem {
    const queue::Recipient* recipient = nullptr;
    const Disposition* disposition = nullptr;
    StatusCode status;
};

struct NoticeResult {
    std::vector<bool> told;  ///< for each item: the sender or the postmaster is told
    /// The postmaster's own mail fails: nobody is told, the message is to be kept .HELD.
    bool hold = false;
};

/// Notifications that are written and not yet in the queue: the sender's and the postmaster's copy
/// are to be committed together, or whoever got his would be told again at the next attempt.
struct PreparedNotice {
    NoticeResult result;
    std::vector<enqueue::PreparedMessage> messages;  ///< empty: nobody to tell
};

/// Builds the notification about these recipients for the process channel (or the channel named by
/// `notificationchannel`). Nobody to tell is a success in which nobody is told.
Result<PreparedNotice> prepare_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    queue::MessageFile& file,
    Notice kind,
    const std::vector<NoticeItem>& items,
    WallTime now
);

/// The same, durable on return. An Error means that nothing was queued: the recipients must stay.
Result<NoticeResult> send_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    queue::MessageFile& file,
    Notice kind,
    const std::vector<NoticeItem>& items,
    WallTime now
);

}  // namespace sluice::dequeue
