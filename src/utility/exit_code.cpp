#include "utility/exit_code.h"

namespace sluice::utility {

ExitCode exit_code_for(unsigned long done, unsigned long failed) {
    if (failed == 0) return ExitCode::done;
    return done == 0 ? ExitCode::failed : ExitCode::partly_done;
}

}  // namespace sluice::utility
