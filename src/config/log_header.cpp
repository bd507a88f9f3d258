#include "config/log_header.h"

#include <cerrno>

#include "config/header_options.h"

namespace sluice::config {

namespace {

/// Where header lines are asked for; nullopt: nowhere.
std::optional<SourceLocation> asked_for(
    const Options& options, const channel::ChannelTable& channels
) {
    if (options.integer(OptionId::log_header) != 0) return options.where(OptionId::log_header);
    for (const channel::Channel& channel : channels) {
        for (const channel::Setting& setting : channel.settings()) {
            if (setting.keyword == channel::Keyword::logheader &&
                channel.limit(channel::Keyword::logheader).value_or(0) != 0)
                return setting.where;
        }
    }
    return std::nullopt;
}

}  // namespace

Result<std::optional<message::HeaderOptions>> load_log_header(
    FileSource& files,
    const std::string& path,
    const Options& options,
    const channel::ChannelTable& channels,
    Diagnostics& diagnostics
) {
    using Loaded = std::optional<message::HeaderOptions>;
    const auto where = asked_for(options, channels);
    if (!where) return Loaded();
    const auto text = files.read(path);
    if (text) return Loaded(parse_header_options(*text, path, diagnostics));
    if (text.error().error_number() != ENOENT) return text.error();
    diagnostics.warning(*where, "W451", "no header line is logged: " + path + " is missing");
    return Loaded();
}

}  // namespace sluice::config
