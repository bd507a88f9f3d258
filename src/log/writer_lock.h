#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::log {

/// Bytes of the lock file: the return job holds the first exclusively during a whole rollover;
/// writers hold the second shared around one check-and-write, the rollover exclusively around its
/// rename. The third is the gate in front of the second.
constexpr long rollover_lock_byte = 0;
constexpr long writer_lock_byte = 1;
constexpr long gate_lock_byte = 2;

/// mail.log_lock. Open-file-description locks: they belong to this object, not to the process.
/// One object must not be used from two threads at once. A process that dies releases its locks. A
/// lock file that is removed while it is in use is noticed within a few locks.
class WriterLock {
public:
    explicit WriterLock(std::string path) : path_(std::move(path)) {}

    Result<void> lock_shared();
    /// Waits for those who hold the writer byte. The kernel lets new sharers past one who waits, so
    /// that busy writers could keep it waiting for ever: it closes the gate first, and everybody
    /// passes the gate now and then before locking.
    Result<void> lock_exclusive();
    /// Another byte than the writers', without the gate.
    Result<void> lock_byte_shared(long byte);
    /// Fails at once, with EAGAIN, when another holds it.
    Result<void> try_lock_exclusive(long byte);
    void unlock(long byte = writer_lock_byte);

private:
    Result<void> lock(bool exclusive, long byte, bool wait);
    void leave_removed_file();

    std::string path_;
    UniqueFd fd_;
    unsigned locked_ = 0;  ///< times since the gate was passed
    bool keeps_ = false;   ///< a byte that is held as long as this object lives
};

}  // namespace sluice::log
