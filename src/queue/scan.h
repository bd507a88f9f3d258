#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "queue/message_name.h"

// Looking over a whole queue by names only: no message file is opened, no lock is taken, names
// that vanish meanwhile are tolerated. Foreign files are reported, never followed, never deleted.
namespace sluice::queue {

class Storage;
class StorageFile;
class Store;

/// One message file as its name tells it. Views are good during the call only.
struct ScannedMessage {
    std::string_view channel;
    std::string_view sub_directory;
    MessageNameView name;
    [[nodiscard]] MessageLocation location() const;
};

struct ScanVisitor {
    std::function<void(const ScannedMessage&)> message;
    /// Path below the root, and why it is not a message (%JBC-W-ALIEN). May be empty.
    std::function<void(std::string_view path, std::string_view reason)> alien;
};

/// Names of the channel directories, sorted.
Result<std::vector<std::string>> list_channels(const Store& store, const ScanVisitor& visitor = {});
/// All message files of one channel, in no order. Two files with one unique part: the second is
/// reported as alien. Safe to run for several channels in parallel. A channel without a directory
/// has no messages.
Result<void> scan_channel(
    const Store& store, const std::string& channel, const ScanVisitor& visitor
);
/// All channels, one after the other.
Result<void> scan_queue(const Store& store, const ScanVisitor& visitor);
/// When the file was last renamed or written: the last attempt. Fails with `gone`.
Result<WallTime> last_attempt_time(const Store& store, const MessageLocation& location);

/// Removes segments without a live entry and files from the tmp directories of all channels that
/// nobody has locked and that are older than `max_age` (TMP_MAX_AGE). Returns how many.
Result<std::size_t> sweep_temporary_files(Store& store, std::chrono::seconds max_age);
inline constexpr std::chrono::hours default_tmp_max_age{4};

/// The right to run an MTA on a queue root: an exclusive lock on "<root>/.lock", released with the
/// object or the process. Fails with `busy` and names the process that has it.
class RootLock {
public:
    static Result<RootLock> acquire(Store& store);
    RootLock(RootLock&&) noexcept;
    RootLock& operator=(RootLock&&) noexcept;
    ~RootLock();

private:
    explicit RootLock(std::unique_ptr<StorageFile> file);
    std::unique_ptr<StorageFile> file_;
};

/// What speaks against running on this root. `refusal`: must not start. Warnings are for
/// `cnbuild` and the component log.
struct RootFindings {
    std::vector<std::string> refusals;
    std::vector<std::string> warnings;
    /// False where the file system ignores or fakes syncs (tmpfs, overlayfs, network): durability
    /// must not be claimed.
    bool syncs_are_real = true;
};
RootFindings check_root(const std::string& root);

}  // namespace sluice::queue
