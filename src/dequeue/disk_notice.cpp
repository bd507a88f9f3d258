#include "dequeue/disk_notice.h"

#include "base/log.h"
#include "dequeue/postmaster_notice.h"

namespace sluice::dequeue {

using enqueue::DiskState;

namespace {

constexpr std::int64_t mebibyte = 1 << 20;

std::string text_about(const config::Configuration& configuration, DiskState state) {
    const std::string& directory = configuration.tailor.path(config::TailorEntry::queue);
    std::string text = state == DiskState::hard
                           ? "There is no room for the queue. Connections are put off until there "
                             "is;\nwhat is queued is delivered.\n"
                           : "There is little room for the queue. Messages that may not fit are "
                             "put off;\nwhat is queued is delivered.\n";
    text += "\nQueue: " + directory + '\n';
    if (const auto usage = enqueue::disk_usage_of(directory)) {
        text += "Free: " + std::to_string(usage->octets_free / mebibyte) + " of " +
                std::to_string(usage->octets_total / mebibyte) + " MiB";
        if (usage->inodes_total > 0) {
            text += ", " + std::to_string(usage->inodes_free) + " of " +
                    std::to_string(usage->inodes_total) + " inodes";
        }
        text += '\n';
    }
    return text +
           "\nService resumes by itself. The limits are QUEUE_MIN_FREE and its like in\n"
           "option.dat. There will be no further message about it until there has been\n"
           "enough room again.\n";
}

Result<void> tell(
    enqueue::Runtime& runtime, const config::Configuration& configuration, DiskState state
) {
    const char* const subject =
        state == DiskState::hard ? "No room for the queue" : "Little room for the queue";
    return tell_postmaster(runtime, configuration, subject, [&](const std::string& /*host*/) {
        return text_about(configuration, state);
    });
}

}  // namespace

void note_disk_state(
    enqueue::Runtime& runtime, const config::ConfigurationPtr& configuration, DiskState now
) {
    const auto before = enqueue::exchange_disk_state(enqueue::disk_state_path(*configuration), now);
    if (before.state != DiskState::normal || now == DiskState::normal) return;
    if (auto told = tell(runtime, *configuration, now); !told)
        diag::warning("postmaster not told of the disk: " + told.error().detail());
}

DiskNotices::~DiskNotices() {
    for (std::thread& thread : threads_) thread.join();
}

void DiskNotices::note(DiskState now) {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, now] { note_disk_state(runtime_, configuration_, now); });
}

}  // namespace sluice::dequeue
