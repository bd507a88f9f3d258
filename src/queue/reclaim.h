#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace sluice::queue {

class Segments;
class Storage;
class StorageFile;
class Store;

/// Removes a segment that nobody appends to and that has no live entry. `file`: the segment,
/// opened for writing. False: it stays. A segment with a damaged slot stays for good.
Result<bool> reclaim_segment(
    Storage& storage, const Segments& segments, const std::string& id, StorageFile& file
);
/// All segments, those of processes that died included. Returns how many went.
Result<std::size_t> reclaim_segments(Store& store);

}  // namespace sluice::queue
