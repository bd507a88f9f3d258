#include "service_log/retention.h"

#include <algorithm>

namespace sluice::service_log {

bool must_rotate(
    const CurrentFile& current,
    std::uint64_t bytes,
    std::int64_t now,
    const ServiceSettings& settings
) {
    if (current.size == 0) return false;
    if (current.size + bytes > settings.max_file_size) return true;
    return now - current.created >= settings.rollover_time.count();
}

Removal files_to_remove(DiskState state, std::int64_t now, const ServiceSettings& settings) {
    std::sort(
        state.retired.begin(), state.retired.end(),
        [](const RetiredFile& a, const RetiredFile& b) { return a.number < b.number; }
    );
    std::uint64_t total = state.current.size;
    for (const RetiredFile& file : state.retired) total += file.size;
    std::uint64_t count = state.retired.size() + 1;
    Removal removal;
    for (const RetiredFile& file : state.retired) {
        const bool goes = count > settings.max_files || total > settings.max_total_size ||
                          state.free_space < settings.min_free_space ||
                          now - file.created > settings.expiry_time.count();
        if (!goes) break;
        removal.files.push_back(file);
        --count;
        total -= file.size;
        state.free_space += file.size;
    }
    removal.still_too_little_space = state.free_space < settings.min_free_space;
    return removal;
}

}  // namespace sluice::service_log
