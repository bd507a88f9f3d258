#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::log {

/// Bytes of the lock file: the return job holds the first exclusively during a whole rollover;
/// writers hold the second shared around one check-and-write, the rollover exclusively around its
/// rename.
constexpr long rollover_lock_byte = 0;
constexpr long writer_lock_byte = 1;

/// mail.log_lock. Open-file-description locks: they belong to this object, not to the process.
/// One object must not be used from two threads at once. A process that dies releases its locks.
class WriterLock {
public:
    explicit WriterLock(std::string path) : path_(std::move(path)) {}

    Result<void> lock_shared(long byte = writer_lock_byte) { return lock(false, byte, true); }
    Result<void> lock_exclusive(long byte = writer_lock_byte) { return lock(true, byte, true); }
    /// Fails at once, with EAGAIN, when another holds it.
    Result<void> try_lock_exclusive(long byte) { return lock(true, byte, false); }
    void unlock(long byte = writer_lock_byte);

private:
    Result<void> lock(bool exclusive, long byte, bool wait);

    std::string path_;
    UniqueFd fd_;
};

}  // namespace sluice::log
