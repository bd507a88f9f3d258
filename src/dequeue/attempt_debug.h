#pragma once

#include <string>

#include "dequeue/attempt.h"

namespace sluice::dequeue {

/// Lines of DEQUEUE_DEBUG in the log of a channel with master_debug: what is tried, and what became
/// of each recipient.
void show_attempt(const Attempt& attempt, const std::string& host);
void show_dispositions(const Attempt& attempt);

}  // namespace sluice::dequeue
