#pragma once

#include <string>

#include "utility/exit_code.h"
#include "utility/message.h"

namespace sluice::utility {

/// Rotated files of multilog (@4*.s, @4*.u) on their way into files by day.
struct RotateRequest {
    std::string directory;
    std::string pattern;  ///< output file: SERVICE and DATE are replaced
    bool keep = false;    ///< the rotated files stay
};

/// Appends the lines with their times in local form to the files of their days; a rotated file is
/// removed after its lines are on stable storage. A crash in between repeats lines, it loses none.
ExitCode convert_rotated(Console& console, const RotateRequest& request);

}  // namespace sluice::utility
