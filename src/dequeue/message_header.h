#pragma once

#include <string>

#include "queue/message_file.h"

namespace sluice::dequeue {

/// Up to and including the blank line, as much of it as is in `limit` octets; empty where it cannot
/// be read.
[[nodiscard]] std::string header_of(queue::MessageFile& file, std::size_t limit);

}  // namespace sluice::dequeue
