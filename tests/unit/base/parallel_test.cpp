#include "base/parallel.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace sluice {
namespace {

TEST(RunInParallel, WorkIsDoneByAsManyAsAreAllowed) {
    for (const std::size_t most : {0U, 1U, 2U}) {
        std::atomic<std::size_t> runs{0};
        run_in_parallel(most, [&] { ++runs; });
        EXPECT_GE(runs, 1U);
        EXPECT_LE(runs, std::max<std::size_t>(most, 1));
    }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
[[noreturn]] void run_without_memory_for_threads() {
    const rlimit none{1, 1};
    if (::setrlimit(RLIMIT_AS, &none) != 0) std::_Exit(2);
    int runs = 0;
    run_in_parallel(1000, [&] { ++runs; });
    std::_Exit(runs == 1 ? 0 : 1);
}

TEST(RunInParallelDeathTest, WhereThreadsCannotBeMadeOneDoesItAll) {
    EXPECT_EXIT(run_without_memory_for_threads(), testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace sluice
