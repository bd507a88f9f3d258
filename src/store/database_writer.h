#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace sluice::store {

/// Keys in lower case, with their values.
using Entries = std::map<std::string, std::string>;

/// Builds the database `path` beside its place, syncs it and renames it: readers find the old file
/// or the new one, whole. The file can be read by everybody and written by nobody, so that a copy
/// over it, which would pull the pages away under those who read, fails.
Result<void> write_database(const std::string& path, const Entries& entries);

}  // namespace sluice::store
