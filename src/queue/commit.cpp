#include "queue/commit.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "queue/commit_group.h"
#include "queue/failure.h"
#include "queue/storage.h"
#include "queue/store.h"
#include "queue/sync_pool.h"

namespace sluice::queue {

/// The steps of one batch. Friend of FinishedFile. Messages that failed take no further part.
class Committer {
public:
    Committer(Store& store, SyncPool& pool, std::span<CommitItem> batch)
        : store_(store), pool_(pool), batch_(batch) {}

    void run() {
        sync_data();
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

    void sync_data() {
        struct Work {
            CommitItem* item;
            StorageFile* file;
            Result<void> outcome;
        };
        std::vector<Work> all;
        for (CommitItem& item : batch_) {
            for (FinishedFile& copy : item.copies) all.push_back({&item, copy.file_.get(), {}});
        }
        // Lets the disk work on all files at once before the first sync waits.
        if (all.size() > 1) {
            for (const Work& one : all) one.file->start_sync();
        }
        pool_.run_all(all.size(), [&all](std::size_t i) {
            all[i].outcome = all[i].file->sync_data();
            kill_point("queue.commit.synced");
        });
        for (Work& one : all) {
            if (!one.outcome) one.item->failure = std::move(one.outcome).error();
        }
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
        std::map<std::string, Result<void>> outcomes;
        for (const CommitItem& item : batch_) {
            if (item.failure) continue;
            for (const FinishedFile& copy : item.copies) {
                outcomes[copy.location_.directory(store_.root())];
            }
        }
        std::vector<std::pair<const std::string, Result<void>>*> all;
        all.reserve(outcomes.size());
        for (auto& one : outcomes) all.push_back(&one);
        pool_.run_all(all.size(), [&](std::size_t i) {
            all[i]->second = store_.storage().sync_directory(all[i]->first);
            kill_point("queue.commit.directory_synced");
        });
        each_healthy([&](const CommitItem& item) -> Result<void> {
            for (const FinishedFile& copy : item.copies) {
                const auto& outcome = outcomes[copy.location_.directory(store_.root())];
                if (!outcome) return outcome;
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
    SyncPool& pool_;
    std::span<CommitItem> batch_;
};

void commit_batch(Store& store, SyncPool& pool, std::span<CommitItem> batch) {
    Committer(store, pool, batch).run();
}

Result<void> commit_now(Store& store, std::vector<FinishedFile> copies) {
    CommitItem item{std::move(copies), {}};
    SyncPool no_threads(0);
    commit_batch(store, no_threads, {&item, 1});
    if (item.failure) return *std::move(item.failure);
    return {};
}

}  // namespace sluice::queue
