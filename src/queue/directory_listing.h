#pragma once

#include <string>

#include "queue/storage.h"

// For posix_storage.cpp only.
namespace sluice::queue {

/// As Storage::list().
Result<void> list_directory(const std::string& path, const Storage::Visit& visit);
/// Some thousand names at a time in the order of their inodes: these lie side by side on the disk
/// in that order, and so, mostly, do the contents of small files. Names come from the kernel in the
/// order of their hashes.
Result<void> list_directory_by_inode(const std::string& path, const Storage::Visit& visit);

}  // namespace sluice::queue
