#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "log/writer_lock.h"
#include "rollover/journal.h"

// The nightly rollover of the transaction logs: yesterday's file is appended to the cumulative one,
// the current one becomes yesterday's, a new one begins (logging.md section 10). A crash at any
// step costs nothing: the journal says where to go on, and each line that was ever written is in
// exactly one of the three files once a rollover has been run to its end.
namespace sluice::rollover {

/// mail.log_current, mail.log_yesterday, mail.log; or the same of connection.log. Current and
/// yesterday stand on one file system. Paths.
struct LogTriple {
    std::string current;
    std::string yesterday;
    std::string cumulative;

    [[nodiscard]] std::string journal() const { return cumulative + "_rollover"; }
};

struct RolloverReport {
    bool recovered = false;            ///< an interrupted rollover was taken up again
    std::uint64_t appended_bytes = 0;  ///< now in the cumulative file
    std::uint64_t rolled_bytes = 0;    ///< now in yesterday's file
};

/// The right to roll the logs of one instance over; held during a whole run.
class RolloverTurn {
public:
    /// An Error with error_number() EAGAIN: another process has it.
    static Result<RolloverTurn> take(const std::string& lock_file);
    [[nodiscard]] log::WriterLock& lock() { return lock_; }

private:
    explicit RolloverTurn(log::WriterLock lock) : lock_(std::move(lock)) {}
    log::WriterLock lock_;
};

/// Rolls one triple over. On an Error nothing is lost: either yesterday's file stays and the
/// cumulative one has its old size (disk full), or the next call goes on where this one stopped.
/// Not for two threads with one turn.
Result<RolloverReport> roll_over(const LogTriple& files, RolloverTurn& turn);
/// Takes up a rollover that was interrupted and begins none: until then a part of yesterday's lines
/// may stand in two files. Nothing to do, and quick, where there is no journal.
Result<RolloverReport> finish_interrupted(const LogTriple& files, RolloverTurn& turn);
/// Whether any file of the triple is there, or a rollover of it was interrupted.
[[nodiscard]] bool has_anything(const LogTriple& files);

}  // namespace sluice::rollover
