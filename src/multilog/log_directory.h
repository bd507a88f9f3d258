#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "log/log_file.h"
#include "log/writer_lock.h"

namespace sluice::multilog {

struct DirectorySettings {
    std::string path;
    std::uint64_t size = 99'999;          ///< octets of `current` at which it is put aside
    std::size_t old_files = 10;           ///< kept besides `current`; the oldest are removed
    std::size_t buffer_max = 8UL << 20U;  ///< octets kept while the disk takes nothing
};

/// A log directory as multilog keeps it: lines go to `current`; when that is full it gets the
/// TAI64N time as its name and a new one begins (postoffice-and-qmail-features.md section 4.2). The
/// name ends in `.s` once the file is on the disk for good, and in `.u` when it was left behind by
/// a crash. `current` is executable by its owner when the last writer left it in good order, and
/// not while it is written.
///
/// Unlike multilog's, one directory has any number of writers, in several processes: each batch of
/// lines is one write(2), locks are taken on the file `lock`. A file may be larger than `size` by
/// one batch. Full files are synced by a thread, so that nobody waits for the disk: make the object
/// after the last fork. Thread-safe.
class LogDirectory {
public:
    /// Touches nothing until the first flush() with lines.
    explicit LogDirectory(DirectorySettings settings);
    ~LogDirectory();
    LogDirectory(const LogDirectory&) = delete;
    LogDirectory& operator=(const LogDirectory&) = delete;
    LogDirectory(LogDirectory&&) = delete;
    LogDirectory& operator=(LogDirectory&&) = delete;

    /// Takes whole lines.
    void post(std::string_view lines);
    /// Returns when everything posted before is in the file or, if that fails, kept for later.
    void flush();
    [[nodiscard]] std::uint64_t dropped() const { return writer_.dropped(); }

private:
    void begin();
    void put_crashed_aside();
    void mark_in_use() const;
    void rotate_if_full();
    void keep_safe();
    static void make_safe(const std::string& name);
    void remove_old() const;
    void leave_in_order();
    [[nodiscard]] std::string current() const { return settings_.path + "/current"; }
    [[nodiscard]] std::string fresh_name() const;

    const DirectorySettings settings_;
    log::LineWriter writer_;
    std::once_flag begun_once_;
    bool begun_ = false;         ///< set once, read again by the destructor
    log::WriterLock presence_;   ///< likewise
    std::mutex rotation_mutex_;  ///< guards the next
    log::WriterLock rotation_;
    std::mutex safe_mutex_;  ///< guards what follows
    std::condition_variable safe_changed_;
    std::deque<std::string> unsafe_;  ///< full files that are not synced yet, without ".u"
    bool ending_ = false;
    std::thread safe_keeper_;  ///< begins with the first full file
};

}  // namespace sluice::multilog
