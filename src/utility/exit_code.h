#pragma once

namespace sluice::utility {

/// What `imsimta` tells the shell. Part of the interface (docs/man/imsimta.8, EXIT STATUS).
enum class ExitCode {
    done = 0,         ///< also when a listing found nothing
    failed = 1,       ///< an -E- or -F- message says why
    usage = 2,        ///< unknown or ambiguous word, bad value
    partly_done = 3,  ///< some items done, some failed or busy
    not_found = 4,    ///< an explicit selection names nothing
    not_privileged = 5,
    no_daemon = 6,      ///< the daemon that was needed does not answer
    configuration = 7,  ///< configuration error
    cancelled = 8       ///< by the operator, or nobody could be asked
};

/// The code of a command that did `done` items and failed at `failed` others.
ExitCode exit_code_for(unsigned long done, unsigned long failed);

}  // namespace sluice::utility
