#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job_controller/scheduler.h"

// What the job controller reads of the queue: names, and envelopes where a host must be known.
namespace sluice::queue {
class Store;
}

namespace sluice::job_controller {

struct ScannedChannel {
    std::string channel;
    std::vector<ScannedFile> files;  ///< oldest first
    ScanResult result = ScanResult::complete;
    std::vector<std::string> aliens;  ///< path and reason of what is no message file
};

/// Looks through the channel's directory. Blocks; changes nothing.
ScannedChannel scan_files(const queue::Store& store, const ScanChannel& request);
/// Reads the file's envelope; nullopt where it cannot be read.
std::optional<Identity> read_identity(queue::Store& store, const Identify& request);

/// Part of a WorkItem's or a notification's file name: "nnn/name" or "name", eligible for
/// delivery. Anything else, ".." and absolute paths among it, is not below the channel.
[[nodiscard]] bool is_deliverable_file(std::string_view file);

}  // namespace sluice::job_controller
