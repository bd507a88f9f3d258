#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "queue/storage.h"

// A disk with a page cache in front of it, for crash tests. Unkind where POSIX allows it: only
// synced octets and synced names survive a power cut for certain; of the rest any subset does, in
// sectors of 512 octets; a failed sync drops the pages and the next one succeeds all the same.
namespace sluice::test {

/// Decides what survived a power cut.
class Choices {
public:
    Choices() = default;
    Choices(const Choices&) = delete;
    Choices& operator=(const Choices&) = delete;
    virtual ~Choices() = default;
    /// A number below `count`; `count` is at least 2.
    virtual std::size_t choose(std::size_t count) = 0;
};

class RandomChoices final : public Choices {
public:
    explicit RandomChoices(std::uint64_t seed) : random_(seed) {}
    std::size_t choose(std::size_t count) override { return random_() % count; }

private:
    std::mt19937_64 random_;
};

/// Goes through all combinations: run the scenario, call next(), repeat while it is true.
class AllChoices final : public Choices {
public:
    std::size_t choose(std::size_t count) override;
    bool next();

private:
    struct Digit {
        std::size_t value;
        std::size_t count;
    };
    std::vector<Digit> digits_;
    std::size_t at_ = 0;
};

class DiskModel : public queue::Storage {
public:
    /// An empty disk with the directory `root`.
    explicit DiskModel(const std::string& root);
    ~DiskModel() override;

    /// Called before each call takes effect: a non-zero result is the errno it fails with. `number`
    /// counts calls from 1. A failing write may have written some of its octets.
    using Fault =
        std::function<int(std::string_view call, const std::string& path, std::uint64_t number)>;
    void set_fault(Fault fault);
    /// Syncs ("sync", "sync_directory") for which this is true report success and do nothing: what
    /// a program looks like that forgets them. Tests of the tests.
    using Forgets = std::function<bool(std::string_view call, const std::string& path)>;
    void set_forgetful(Forgets forgets);
    /// The power fails in the middle of call `number`: what it did is as uncertain as all that is
    /// not synced. Later calls fail and do nothing.
    void cut_power_at(std::uint64_t number);
    [[nodiscard]] bool power_is_off() const;
    [[nodiscard]] std::uint64_t calls() const;
    /// Syncs of a file after one of its syncs failed: must stay 0.
    [[nodiscard]] unsigned forbidden_syncs() const;

    /// The disk as found after a power cut now.
    [[nodiscard]] std::unique_ptr<DiskModel> after_power_cut(Choices& choices) const;
    /// The disk as found after the process was killed: the page cache is kept, so that what was not
    /// synced is still at the mercy of a later power cut, and locks are gone. Of a write that the
    /// kill came into, some pages may be there.
    [[nodiscard]] std::unique_ptr<DiskModel> after_kill(Choices& choices) const;

    /// Paths of all regular files below `directory`, sorted.
    [[nodiscard]] std::vector<std::string> files_below(const std::string& directory) const;
    [[nodiscard]] std::string content(const std::string& path) const;
    /// Puts a file there, durably, behind the back of the program.
    void plant(const std::string& path, std::string content);

    Result<std::unique_ptr<queue::StorageFile>> create(const std::string& path) override;
    Result<std::unique_ptr<queue::StorageFile>> open(const std::string& path, Open mode) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> unlink(const std::string& path) override;
    Result<void> make_directory(const std::string& path) override;
    Result<void> sync_directory(const std::string& path) override;
    Result<queue::FileStatus> status(const std::string& path) override;
    Result<void> list(const std::string& path, const Visit& visit) override;

private:
    friend class ModelFile;
    struct Inode;
    struct NameChange;
    using InodePtr = std::shared_ptr<Inode>;

    /// Counts the call; the errno it must fail with, before it did anything.
    int begin(std::string_view call, const std::string& path);
    /// After its effect: EIO where the power failed during the call.
    [[nodiscard]] Result<void> end(std::string_view call, const std::string& path) const;
    [[nodiscard]] bool forgets(std::string_view call, const std::string& path) const {
        return forgets_ && forgets_(call, path);
    }
    [[nodiscard]] InodePtr find(const std::string& path) const;
    [[nodiscard]] InodePtr parent_of(const std::string& path) const;
    [[nodiscard]] queue::FileStatus status_of(const InodePtr& inode) const;
    void take_predecessors(std::vector<bool>& taken) const;
    WallTime tick();
    void change_name(NameChange change);
    std::unique_ptr<queue::StorageFile> handle(const InodePtr& inode, const std::string& path);

    mutable std::mutex mutex_;
    std::string root_path_;
    InodePtr root_;
    std::vector<NameChange> pending_names_;
    InodePtr interrupted_;  ///< file of the write in which the power failed
    Fault fault_;
    Forgets forgets_;
    std::uint64_t calls_ = 0;
    std::uint64_t cut_at_ = 0;
    bool power_off_ = false;
    std::uint64_t next_inode_ = 1;
    std::uint64_t next_handle_ = 1;
    unsigned forbidden_syncs_ = 0;
    std::int64_t now_ = 0;
};

}  // namespace sluice::test
