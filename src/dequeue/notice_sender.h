#pragma once

#include <vector>

#include "dequeue/disposition.h"
#include "dequeue/settlement.h"
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
};

/// Builds the notification about these recipients and puts it on the process channel (or the
/// channel named by `notificationchannel`), durable on return. Nobody to tell is a success in which
/// nobody is told. An Error means that nothing was queued: the recipients must stay.
Result<NoticeResult> send_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    queue::MessageFile& file,
    Notice kind,
    const std::vector<NoticeItem>& items,
    WallTime now
);

}  // namespace sluice::dequeue
