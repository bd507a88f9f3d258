#pragma once

#include <functional>

#include "base/result.h"
#include "queue/message_name.h"
#include "queue/message_writer.h"

namespace sluice::queue {

class MessageFile;
class Store;

/// Writes one copy whose content `content` appends to the writer, and commits it. Returns where it
/// is. On failure nothing is in the queue.
Result<MessageLocation> write_copy(
    Store& store,
    const CopyOptions& copy,
    const Envelope& envelope,
    const std::function<Result<void>(MessageWriter&)>& content
);

/// The content of `from`, from `offset` on, octet for octet.
Result<void> append_content(MessageFile& from, MessageWriter& to, std::uint64_t offset = 0);

}  // namespace sluice::queue
