#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "log/writer_lock.h"
#include "rollover/rollover.h"

namespace sluice::return_job {

/// Bytes of the lock file behind those of the writers (log/writer_lock.h): the nightly run's, and
/// that of whoever tells the postmaster what is held.
inline constexpr long nightly_lock_byte = log::gate_lock_byte + 1;
inline constexpr long held_lock_byte = log::gate_lock_byte + 2;

/// Of a WriterLock that is tried: another process has it.
[[nodiscard]] bool is_taken(const Error& error);

/// The right to take the steps of the return job; one process of an instance has it at a time.
class Turn {
public:
    /// An Error: another has it.
    static Result<Turn> take(const std::string& lock_file);
    /// Waits for it, up to two hours: what is not done now is left until the next night. An Error
    /// at once where another nightly run waits or has it.
    static Result<Turn> wait_for_one_a_night(const std::string& lock_file);

    [[nodiscard]] rollover::RolloverTurn& of_the_logs() { return logs_; }

private:
    explicit Turn(rollover::RolloverTurn logs) : logs_(std::move(logs)) {}

    std::optional<log::WriterLock> night_;
    rollover::RolloverTurn logs_;
};

}  // namespace sluice::return_job
