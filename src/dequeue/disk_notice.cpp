#include "dequeue/disk_notice.h"

#include "base/log.h"
#include "dequeue/notice_settings.h"
#include "dequeue/notice_writer.h"
#include "notify/plain_notice.h"
#include "policy/postmaster.h"

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

Result<void> tell_postmaster(
    enqueue::Runtime& runtime, const config::Configuration& configuration, DiskState state
) {
    const channel::Channel& channel = *configuration.imta.channels.local();
    notify::PlainNotice notice;
    notice.to = policy::postmaster_of(configuration, channel);
    notice.subject =
        state == DiskState::hard ? "No room for the queue" : "Little room for the queue";
    notice.text = text_about(configuration, state);
    notice.now = runtime.store().clock().wall_now();
    notice.message_id = runtime.message_ids().next(notice.now);
    const notify::NoticeSettings settings =
        notice_settings(configuration, channel, configuration.notices.standard());
    auto written = write_notice(
        runtime, channel, {}, {notice.to},
        [&](const notify::OutputSink& sink) -> Result<notify::BuiltNotice> {
            return notify::build_plain_notice(notice, settings, runtime.site().zone, sink);
        }
    );
    if (!written) return std::move(written).error();
    return std::move(*written).commit(runtime.site());
}

}  // namespace

void note_disk_state(
    enqueue::Runtime& runtime, const config::ConfigurationPtr& configuration, DiskState now
) {
    const auto before = enqueue::exchange_disk_state(enqueue::disk_state_path(*configuration), now);
    if (before.state != DiskState::normal || now == DiskState::normal) return;
    if (auto told = tell_postmaster(runtime, *configuration, now); !told)
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
