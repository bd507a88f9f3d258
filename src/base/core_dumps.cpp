#include "base/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace sluice {

void keep_memory_private() {
    // The limit holds for files alone: a core_pattern that is a program gets the memory all the
    // same, unless the process may not be dumped.
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace sluice
