#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "queue/directory_syncs.h"
#include "queue/message_name.h"
#include "queue/removed_files.h"
#include "queue/unique_ids.h"

// The message queue. A message is in the queue as a file: one file is one copy of a message for
// one channel with its recipients. A program opens one Store on the queue root and uses
//   MessageWriter  to write copies,
//   CommitGroup    (or commit_now) to put the copies of a message on stable storage, together,
//   MessageFile    to own, read, re-queue, hold and remove one,
//   scan.h         to list what is there.
namespace sluice::queue {

class Segments;
class Storage;
class StorageFile;
Storage& posix_storage();

struct StoreOptions {
    bool history_sync = false;      ///< QUEUE_HISTORY_SYNC: sync after each history append
    std::size_t history_max = 100;  ///< QUEUE_HISTORY_MAX: lines kept when a file is rewritten
    /// QUEUE_SYNC_INTERVAL: removals are durable at the latest after this time.
    std::chrono::milliseconds sync_interval{1000};
    /// QUEUE_YOUNG_LIMIT: message files up to this many octets begin their life in a segment where
    /// a CommitGroup commits them; 0: none does. Also what a writer keeps in memory.
    std::size_t young_limit = 0;

    friend bool operator==(const StoreOptions&, const StoreOptions&) = default;
};

/// A queue root as this process uses it: storage, clock, ids, and what was learned about
/// directories. Thread-safe. Must outlive all writers and files made with it. Open it after the
/// last fork: the claim on a node of unique ids belongs to one process.
class Store {
public:
    /// `root` must exist: a queue whose file system is not mounted is noticed here.
    static Result<std::unique_ptr<Store>> open(
        std::string root,
        StoreOptions options = {},
        Storage& storage = posix_storage(),
        const Clock& clock = system_clock()
    );
    /// On the machine's file system; `say` is told of each call that changes something or waits
    /// (OS_DEBUG). Thread-safe, as `say` must be.
    static Result<std::unique_ptr<Store>> open_traced(
        std::string root, StoreOptions options, std::function<void(std::string_view line)> say
    );
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] const StoreOptions& options() const { return options_; }
    /// Owner that message files must have: that of the root.
    [[nodiscard]] std::uint32_t owner() const { return owner_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] Storage& storage() const { return storage_; }
    /// Where young messages are.
    [[nodiscard]] Segments& segments() const { return *segments_; }
    /// Directories and segments with removals that are not durable yet.
    DirectorySyncs& directory_syncs() { return directory_syncs_; }
    /// Closes message files that are gone.
    RemovedFiles& removed_files() { return removed_files_; }

    /// A new unique part.
    Result<std::string> next_unique();
    /// Makes "<channel>/tmp" and "<channel>/<nnn>" durable where this process has not yet done so.
    Result<void> prepare(const std::string& channel, const std::string& sub_directory);
    /// The next prepare() looks again: someone removed directories.
    void forget_prepared();
    /// Looks a message up by its unique part, in sub-directory `hint` first, then everywhere in the
    /// channel. Fails with `gone`. Reads directories: not for the common path.
    [[nodiscard]] Result<MessageLocation> find(
        const std::string& channel, std::string_view unique, const std::string& hint = {}
    ) const;

private:
    Store(
        std::string root,
        StoreOptions options,
        Storage& storage,
        const Clock& clock,
        std::uint32_t owner
    );
    Result<UniqueIds*> ids();
    Result<std::string> claim_node();

    std::unique_ptr<Storage> traced_;  ///< what storage_ is then
    std::string root_;
    StoreOptions options_;
    Storage& storage_;
    const Clock& clock_;
    std::uint32_t owner_;
    std::unique_ptr<Segments> segments_;
    DirectorySyncs directory_syncs_;
    RemovedFiles removed_files_;
    std::mutex mutex_;
    std::set<std::string, std::less<>> prepared_;
    std::unique_ptr<StorageFile> node_claim_;
    std::unique_ptr<UniqueIds> ids_;
};

}  // namespace sluice::queue
