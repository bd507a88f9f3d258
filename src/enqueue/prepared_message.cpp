#include "enqueue/prepared_message.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice::enqueue {

namespace {

/// Of the batch that this committer thread has in hand: whoever delivers a message must find it
/// logged, so the job controller hears of it when the entries are written.
thread_local std::vector<jobs::NewMessage> committed;

}  // namespace

Result<void> PreparedMessage::commit(Site& site) && {
    std::vector<PreparedMessage> alone;
    alone.push_back(std::move(*this));
    return commit_together(std::move(alone), site);
}

Result<void> PreparedMessage::commit_together(std::vector<PreparedMessage> messages, Site& site) {
    std::vector<queue::FinishedFile> files;
    for (PreparedMessage& message : messages) {
        std::move(message.files_.begin(), message.files_.end(), std::back_inserter(files));
    }
    if (auto failed = queue::commit_now(site.store, std::move(files)); !failed) return failed;
    for (const PreparedMessage& message : messages) {
        const Announcement& announcement = message.announcement_;
        site.log.post(announcement.events, announcement.log_options);
    }
    site.log.flush();
    for (PreparedMessage& message : messages)
        site.notifier.notify(std::move(message.announcement_.messages));
    return {};
}

queue::CommitGroupOptions commit_options(Site& site, std::function<void()> released) {
    queue::CommitGroupOptions options;
    options.after_batch = [&site, released = std::move(released)] {
        site.log.flush();
        if (!committed.empty()) site.notifier.notify(std::exchange(committed, {}));
        if (released) released();
    };
    return options;
}

void PreparedMessage::commit(Site& site, queue::CommitGroup& group, queue::CommitDone done) && {
    // The committer's time is everybody's: what can be done before the sync is done here.
    struct Ready {
        log::PreparedEntries entries;
        log::LogOptions options;
        std::vector<jobs::NewMessage> messages;
    };
    const auto ready = std::make_shared<Ready>();
    ready->entries = site.log.prepare(std::move(announcement_.events), announcement_.log_options);
    ready->options = std::move(announcement_.log_options);
    ready->messages = std::move(announcement_.messages);
    group.submit(
        std::move(files_),
        [&site, ready, done = std::move(done)](const Result<void>& outcome) {
            if (outcome) {
                site.log.post(ready->entries, ready->options);
                std::move(
                    ready->messages.begin(), ready->messages.end(), std::back_inserter(committed)
                );
            }
            done(outcome);
        }
    );
}

}  // namespace sluice::enqueue
