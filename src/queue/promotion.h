#pragma once

#include <memory>

#include "base/result.h"

namespace sluice::queue {

class EntryFile;
class Store;
class StorageFile;
struct SegmentEntry;

/// Makes a young message a file of its own, at its location: the file is durable, then the entry
/// is marked moved, durably, since the file may go before the mark gets to the disk otherwise.
/// Killed in between there are both; the file counts. An entry that cannot be marked
/// stays the message, and the promotion fails. `entry` must be owned. Returns the file,
/// locked.
Result<std::unique_ptr<StorageFile>> promote(Store& store, EntryFile& entry);

/// Of a message that seemed to be a file although its entry is live: a promotion was killed between
/// the two, and is brought to its end here. False: there is no file, and the entry is the message.
/// True without a change where somebody else has the entry in hand.
Result<bool> finish_promotion(const Store& store, const SegmentEntry& entry);

}  // namespace sluice::queue
