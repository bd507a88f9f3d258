#pragma once

#include <string_view>

#include "base/error.h"

namespace sluice::queue {

/// Why a message file could not be used. Every Error of this room is temporary: a queue file that
/// cannot be read is never a reason to give a message up.
enum class Failure {
    gone,           ///< delivered, deleted or renamed meanwhile: forget it or look it up again
    busy,           ///< another program holds the lock: come back later
    damaged,        ///< cannot be parsed: mark_bad() sets it aside
    other_version,  ///< written by a newer program: leave it alone and report
    alien,          ///< not a message file of ours (link, FIFO, directory, other owner): report
    io,             ///< the system failed: skip it, try again, give up after three tries
};

Failure failure_kind(const Error& error);

Error gone_error(std::string_view what);
Error busy_error(std::string_view what);
Error damaged_error(std::string_view what);
Error other_version_error(std::string_view what);
Error alien_error(std::string_view what);

}  // namespace sluice::queue
