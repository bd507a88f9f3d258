#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"

namespace sluice::queue {

class Store;

/// Message files of each channel that are held or set aside (.HELD, .BAD), counted by their names
/// on all processors; channels without any are left out. Nothing is opened and nothing else is
/// looked at, so that a million messages cost a fraction of a second.
Result<std::map<std::string, std::uint64_t>> count_held(const Store& store);

}  // namespace sluice::queue
