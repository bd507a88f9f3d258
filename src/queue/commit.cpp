#include "queue/commit.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/file.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "queue/commit_group.h"
#include "queue/failure.h"
#include "queue/segment_writer.h"
#include "queue/storage.h"
#include "queue/store.h"
#include "queue/sync_pool.h"

namespace sluice::queue {

/// The steps of one batch. Friend of FinishedFile. Messages that failed take no further part.
class Committer {
public:
    Committer(Store& store, SyncPool& pool, std::span<CommitItem> batch, SegmentWriter* young)
        : store_(store), pool_(pool), batch_(batch), young_(young) {}

    void run() {
        write_young();
        each_healthy([this](CommitItem& item) { return write_files(item); });
        sync_data();
        each_healthy([this](CommitItem& item) { return rename(item); });
        sync_directories();
        settle_segment();
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

    [[nodiscard]] bool is_young(const FinishedFile& copy) const {
        return young_ != nullptr && copy.is_in_memory() && fits_segment(copy.location_);
    }

    /// The young copies of all messages in one write; what fits in no more goes the long way.
    void write_young() {
        std::vector<YoungMessage> messages;
        for (CommitItem& item : batch_) {
            for (FinishedFile& copy : item.copies) {
                if (!is_young(copy) || messages.size() == segment::slot_count) continue;
                messages.push_back({&copy.location_, copy.octets_});
                in_segment_.insert(&copy);
            }
        }
        if (messages.empty()) return;
        if (auto written = young_->append(messages); !written) fail_young(written.error());
    }

    [[nodiscard]] bool has_young(const CommitItem& item) const {
        return std::any_of(item.copies.begin(), item.copies.end(), [this](const auto& copy) {
            return in_segment_.contains(&copy);
        });
    }

    /// One entry's failure is that of all: they share the write and the sync.
    void fail_young(const Error& error) {
        for (CommitItem& item : batch_) {
            if (!item.failure && has_young(item)) item.failure = error;
        }
        is_segment_lost_ = true;
    }

    Result<void> write_files(CommitItem& item) {
        for (FinishedFile& copy : item.copies) {
            if (in_segment_.contains(&copy) || !copy.is_in_memory()) continue;
            if (auto written = copy.become_file(); !written) return written;
        }
        return {};
    }

    void sync_data() {
        struct Work {
            CommitItem* item;
            StorageFile* file;  ///< null: the segment
            Result<void> outcome;
        };
        std::vector<Work> all;
        for (CommitItem& item : batch_) {
            if (item.failure) continue;
            for (FinishedFile& copy : item.copies) {
                if (copy.file_) all.push_back({&item, copy.file_.get(), {}});
            }
        }
        // Lets the disk work on all files at once before the first sync waits.
        if (all.size() > 1) {
            for (const Work& one : all) one.file->start_sync();
        }
        if (!in_segment_.empty() && !is_segment_lost_) all.push_back({nullptr, nullptr, {}});
        pool_.run_all(all.size(), [&](std::size_t i) {
            all[i].outcome = all[i].file != nullptr ? all[i].file->sync_data() : young_->sync();
            kill_point("queue.commit.synced");
        });
        for (Work& one : all) {
            if (one.outcome) continue;
            if (one.item != nullptr) {
                one.item->failure = std::move(one.outcome).error();
            } else {
                fail_young(one.outcome.error());
                young_->cancel();
            }
        }
    }

    /// Everybody may deliver what is in the segment, but for the young copies of messages that
    /// failed for another reason.
    void settle_segment() {
        if (in_segment_.empty() || is_segment_lost_) return;
        std::size_t number = 0;
        for (CommitItem& item : batch_) {
            for (const FinishedFile& copy : item.copies) {
                if (!in_segment_.contains(&copy)) continue;
                if (item.failure) young_->cancel_one(number);
                ++number;
            }
        }
        young_->release();
    }

    Result<void> rename(CommitItem& item) {
        for (FinishedFile& copy : item.copies) {
            if (!copy.file_) continue;
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
                if (copy.file_) outcomes[copy.location_.directory(store_.root())];
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
                if (!copy.file_) continue;
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
            if (!copy.file_) continue;
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
    SegmentWriter* young_;
    std::unordered_set<const FinishedFile*> in_segment_;
    bool is_segment_lost_ = false;
};

void commit_batch(Store& store, SyncPool& pool, std::span<CommitItem> batch, SegmentWriter* young) {
    Committer(store, pool, batch, young).run();
}

Result<void> commit_now(Store& store, std::vector<FinishedFile> copies) {
    CommitItem item{std::move(copies), {}};
    SyncPool no_threads(0);
    commit_batch(store, no_threads, {&item, 1});
    if (item.failure) return *std::move(item.failure);
    return {};
}

}  // namespace sluice::queue
