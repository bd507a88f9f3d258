#pragma once

#include <memory>

#include "base/result.h"

namespace sluice::queue {

class EntryFile;
class Store;
class StorageFile;

/// Makes a young message a file of its own, at its location: the file is durable, then the entry
/// is marked moved, durably, since the file may go before the mark gets to the disk otherwise.
/// Killed in between there are both; the file counts. An entry that cannot be marked
/// stays the message, and the promotion fails. `entry` must be owned. Returns the file,
/// locked.
Result<std::unique_ptr<StorageFile>> promote(Store& store, EntryFile& entry);

}  // namespace sluice::queue
