#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "log/writer_lock.h"

namespace sluice::log {

/// One log file that others append to and that the rollover renames away under us.
/// Each append takes the writer lock shared, reopens the path when the file there is another one
/// or gone, and gives the kernel all lines in one write(2) on an O_APPEND descriptor
/// (logging.md sections 9 rule 6 and 10.1). Not thread-safe.
class AppendFile {
public:
    /// Opens nothing yet. `lock` may be shared by several files and outlives them.
    AppendFile(std::string path, WriterLock& lock) : path_(std::move(path)), lock_(lock) {}

    /// Appends whole lines. Returns how many bytes of `lines` are in the file to stay: all of them,
    /// or, when the disk fills up, those up to the last line that got in completely. A half line,
    /// whoever left it there, is closed by a line feed before the next append; one of ours is then
    /// written again in full.
    std::size_t append(std::string_view lines);
    /// Why the last append fell short; empty when it did not.
    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    /// Octets of the file after the last append; others may have added to it since.
    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    /// Whether the path leads to the file that is open; then also its size.
    [[nodiscard]] bool is_current(std::uint64_t& size) const;
    Result<void> open();
    /// While nobody else writes.
    void look_at_end();
    std::size_t write_lines(std::string_view lines);

    std::string path_;
    WriterLock& lock_;
    UniqueFd fd_;
    dev_t device_ = 0;  ///< of the open file, with inode_
    ino_t inode_ = 0;
    std::uint64_t size_ = 0;
    bool torn_ = false;  ///< the file ends with half a line
    std::string failure_;
};

}  // namespace sluice::log
