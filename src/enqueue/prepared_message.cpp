#include "enqueue/prepared_message.h"

#include <algorithm>
#include <iterator>

namespace sluice::enqueue {

void PreparedMessage::announce(Site& site, Announcement announcement) {
    site.log.post(announcement.events, announcement.log_options);
    site.notifier.notify(std::move(announcement.messages));
}

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
    if (auto committed = queue::commit_now(site.store, std::move(files)); !committed)
        return committed;
    for (PreparedMessage& message : messages) announce(site, std::move(message.announcement_));
    site.log.flush();
    return {};
}

queue::CommitGroupOptions commit_options(Site& site, std::function<void()> released) {
    queue::CommitGroupOptions options;
    options.after_batch = [&site, released = std::move(released)] {
        site.log.flush();
        if (released) released();
    };
    return options;
}

void PreparedMessage::commit(Site& site, queue::CommitGroup& group, queue::CommitDone done) && {
    auto shared = std::make_shared<Announcement>(std::move(announcement_));
    group.submit(
        std::move(files_),
        [&site, shared, done = std::move(done)](const Result<void>& outcome) {
            if (outcome) announce(site, std::move(*shared));
            done(outcome);
        }
    );
}

}  // namespace sluice::enqueue
