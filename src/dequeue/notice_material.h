#pragma once

#include <vector>

#include "channel/channel.h"
#include "dequeue/notice_sender.h"
#include "dequeue/settlement.h"
#include "notify/notice.h"
#include "queue/message_file.h"

// From a message file and what became of its recipients to the values that notifications are made
// of.
namespace sluice::dequeue {

notify::NoticeKind notice_kind(Notice kind);

notify::NoticeRecipient notice_recipient(
    const channel::Channel& channel, const NoticeItem& item, Notice kind, WallTime now
);

/// `file` must outlive the result, whose content is read from it.
notify::OriginalMessage original_message(queue::MessageFile& file);

/// Failed attempts, oldest first; none where the history cannot be read.
std::vector<notify::HistoryEntry> attempts_so_far(queue::MessageFile& file);

/// The numbers of %C, %L and %F, from `now` and the arrival of the original.
void set_ages(notify::Notice& notice, const AgeLimits& limits);

}  // namespace sluice::dequeue
