#include "enqueue/transcripts.h"

#include "log/dialogue_text.h"

namespace sluice::enqueue {

using config::OptionId;

multilog::DirectorySettings transcript_directory(
    const config::Configuration& configuration, std::string_view name
) {
    const config::Options& options = configuration.options;
    multilog::DirectorySettings settings;
    settings.path = configuration.tailor.path(config::TailorEntry::log) + std::string(name);
    settings.size = static_cast<std::uint64_t>(options.integer(OptionId::log_qmail_size));
    settings.old_files = static_cast<std::size_t>(options.integer(OptionId::log_qmail_num));
    return settings;
}

std::function<void(std::string_view lines)> transcript_writer(multilog::LogDirectory& log) {
    return [&log](std::string_view lines) {
        log.post(lines);
        log.flush();
    };
}

bool is_transcribed(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    const IpAddress& peer
) {
    return channel.has(channel::Keyword::transcript) ||
           log::is_debug_peer(configuration.options.text(OptionId::debug_peer), peer);
}

}  // namespace sluice::enqueue
