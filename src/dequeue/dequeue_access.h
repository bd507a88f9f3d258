#pragma once

#include <string>

#include "access/other_tables.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "queue/message_file.h"

namespace sluice::dequeue {

/// What DEQUEUE_ACCESS says about a message that is about to be processed. `host`: where it goes,
/// as the job controller knows it; may be empty.
access::DequeueVerdict check_dequeue(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    const queue::MessageFile& file,
    const std::string& queue_root,
    const std::string& host,
    WallTime now,
    mapping::Answers& answers
);

}  // namespace sluice::dequeue
