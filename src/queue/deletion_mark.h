#pragma once

#include "base/result.h"
#include "queue/message_name.h"

// An operator's word that a message is not wanted, about one that a program has in hand. The
// program looks before it delivers and before it settles; the sweep of temporary files removes
// marks that nobody looks at any more.
namespace sluice::queue {

class Store;

Result<void> mark_for_deletion(Store& store, const MessageLocation& location);
[[nodiscard]] bool is_marked_for_deletion(const Store& store, const MessageLocation& location);
/// The message is gone: its mark goes too.
void clear_deletion_mark(Store& store, const MessageLocation& location);

}  // namespace sluice::queue
