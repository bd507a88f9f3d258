#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"

namespace sluice::queue {

class Store;

/// Message files of one channel. Young messages in segments are none.
struct NameCount {
    std::uint64_t eligible = 0;
    std::uint64_t held = 0;  ///< .HELD and .BAD
    friend bool operator==(const NameCount&, const NameCount&) = default;
};

/// The message files of each channel, counted by their names on all processors. Nothing is opened,
/// so that a million messages cost a fraction of a second; hence names are not compared either,
/// and two files of one message count twice.
Result<std::map<std::string, NameCount>> count_names(const Store& store);

}  // namespace sluice::queue
