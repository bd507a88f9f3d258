#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

// The hold list: channels that `qm stop` has stopped. A file and not a message to a daemon, so that
// it outlives the job controller, the MTA and the machine, and can be written while nothing runs.
// Text, one channel a line, in the queue root beside the channels (docs/formats/hold-list.md).
namespace sluice::jobs {

using HoldList = std::set<std::string, std::less<>>;

/// "<queue root>/.stopped".
std::string hold_list_path(std::string_view root);

/// A missing file is an empty list.
Result<HoldList> read_hold_list(const std::string& path);

/// Adds or removes a channel (lower case). Changes of several processes wait for each other and
/// none is lost; readers see the old list or the new one. Returns whether the list was changed;
/// durable on return.
Result<bool> change_hold_list(const std::string& path, std::string_view channel, bool stopped);

}  // namespace sluice::jobs
