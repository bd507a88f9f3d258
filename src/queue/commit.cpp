#include "queue/commit.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>

#include "base/file.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "queue/commit_group.h"
#include "queue/failure.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

/// The steps of one batch. Friend of FinishedFile. Messages that failed take no further part.
class Committer {
public:
    Committer(Store& store, std::span<CommitItem> batch) : store_(store), batch_(batch) {}

    void run() {
        start_syncs();
        each_healthy([this](CommitItem& item) { return sync_data(item); });
        each_healthy([this](CommitItem& item) { return rename(item); });
        sync_directories();
        for (CommitItem& item : batch_) {
            if (item.failure) {
                undo(item);
            } else {
                release(item);
            }
        }
        kill_point("queue.commit.before_answer");
    }

private:
    template <class Step>
    void each_healthy(Step step) {
        for (CommitItem& item : batch_) {
            if (item.failure) continue;
            if (auto done = step(item); !done) item.failure = std::move(done).error();
        }
    }

    // Lets the disk work on all files at once before the first sync waits.
    void start_syncs() {
        std::size_t files = 0;
        for (const CommitItem& item : batch_) files += item.copies.size();
        if (files < 2) return;
        for (CommitItem& item : batch_) {
            for (FinishedFile& copy : item.copies) copy.file_->start_sync();
        }
    }

    static Result<void> sync_data(CommitItem& item) {
        for (FinishedFile& copy : item.copies) {
            if (auto synced = copy.file_->sync_data(); !synced) return synced;
            kill_point("queue.commit.synced");
        }
        return {};
    }

    Result<void> rename(CommitItem& item) {
        for (FinishedFile& copy : item.copies) {
            std::string path = copy.location_.path(store_.root());
            if (auto renamed = store_.storage().rename(copy.temporary_path_, path); !renamed) {
                // Someone removed the directory: the next message makes it again.
                if (renamed.error().error_number() == ENOENT) store_.forget_prepared();
                return renamed;
            }
            copy.temporary_path_ = std::move(path);
            kill_point("queue.commit.renamed");
        }
        return {};
    }

    void sync_directories() {
        std::map<std::string, std::optional<Error>> directories;
        for (const CommitItem& item : batch_) {
            if (item.failure) continue;
            for (const FinishedFile& copy : item.copies) {
                directories[copy.location_.directory(store_.root())];
            }
        }
        for (auto& [directory, failure] : directories) {
            if (auto synced = store_.storage().sync_directory(directory); !synced) {
                failure = std::move(synced).error();
            }
            kill_point("queue.commit.directory_synced");
        }
        each_healthy([&](CommitItem& item) -> Result<void> {
            for (const FinishedFile& copy : item.copies) {
                const auto& failure = directories[copy.location_.directory(store_.root())];
                if (failure) return *failure;
            }
            return {};
        });
    }

    /// Removes every copy before the answer; what cannot be removed may be delivered although the
    /// sender was told otherwise, so its name is logged.
    void undo(CommitItem& item) {
        for (FinishedFile& copy : item.copies) {
            auto removed = store_.storage().unlink(copy.temporary_path_);
            if (!removed && failure_kind(removed.error()) != Failure::gone) {
                diag::warning(
                    "%IMTA-E-ORPHAN, not acknowledged and not removed: " + copy.temporary_path_ +
                    ": " + removed.error().detail()
                );
            }
            store_.directory_syncs().note(directory_of(copy.temporary_path_));
            copy.file_.reset();
        }
    }

    /// Closing gives up the lock: from here on the message can be delivered.
    static void release(CommitItem& item) {
        for (FinishedFile& copy : item.copies) copy.file_.reset();
    }

    Store& store_;
    std::span<CommitItem> batch_;
};

void commit_batch(Store& store, std::span<CommitItem> batch) {
    Committer(store, batch).run();
}

Result<void> commit_now(Store& store, std::vector<FinishedFile> copies) {
    CommitItem item{std::move(copies), {}};
    commit_batch(store, {&item, 1});
    if (item.failure) return *std::move(item.failure);
    return {};
}

}  // namespace sluice::queue
