#pragma once

#include <functional>
#include <string_view>

#include "base/ip_address.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "multilog/log_directory.h"

// Transcripts of SMTP dialogues, word for word (keyword transcript, option DEBUG_PEER), in
// directories of their own as multilog keeps them.
namespace sluice::enqueue {

/// `name`: of the directory, below that of the logs.
multilog::DirectorySettings transcript_directory(
    const config::Configuration& configuration, std::string_view name
);
/// What a qmail_log::Transcript writes with. `log` outlives it.
std::function<void(std::string_view lines)> transcript_writer(multilog::LogDirectory& log);
/// Whether the dialogue with this peer is recorded while it is the channel's.
bool is_transcribed(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    const IpAddress& peer
);

}  // namespace sluice::enqueue
