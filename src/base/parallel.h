#pragma once

#include <cstddef>
#include <functional>

namespace sluice {

/// Runs `work` on this thread and on others, one for each processor, `most` altogether; returns
/// when all have ended. Where there can be no more threads those that there are do it.
void run_in_parallel(std::size_t most, const std::function<void()>& work);

}  // namespace sluice
