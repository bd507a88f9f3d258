#include "utility/track_follow.h"

namespace sluice::utility {

using log_index::LogSource;

LogFollower::LogFollower(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        Followed log{path, std::nullopt, 0};
        if (auto source = LogSource::open(path)) {
            log.offset = source->size();
            log.source = std::move(*source);
        }
        logs_.push_back(std::move(log));
    }
}

void LogFollower::read(Followed& log, const std::function<void(std::string_view)>& line) {
    log.source->refresh();
    const std::uint64_t end = log.source->size();
    if (end <= log.offset) return;
    log.source->for_lines(log.offset, end, true, [&](std::uint64_t offset, std::string_view text) {
        line(text);
        log.offset = offset + text.size() + 1;
        return true;
    });
}

void LogFollower::poll(const std::function<void(std::string_view)>& line) {
    for (Followed& log : logs_) {
        if (log.source) {
            // Asked first: what is written to the old file after this was written before it went.
            const bool current = log.source->is_current();
            read(log, line);
            if (current) continue;
            log.source.reset();
        }
        auto source = LogSource::open(log.path);
        if (!source) continue;
        log.source = std::move(*source);
        log.offset = 0;
        read(log, line);
    }
}

}  // namespace sluice::utility
