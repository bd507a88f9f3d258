#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

std::span<const Command> all_utilities() {
    // Copied on first use: the commands are constants of other files.
    static const Command utilities[] = {
        help_command,
        version_command,
    };
    return utilities;
}

}  // namespace sluice::utility
