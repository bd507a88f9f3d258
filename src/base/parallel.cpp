#include "base/parallel.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

namespace sluice {

void run_in_parallel(std::size_t most, const std::function<void()>& work) {
    const std::size_t processors = std::max(std::thread::hardware_concurrency(), 1U);
    const std::size_t count = std::max<std::size_t>(std::min(most, processors), 1);
    std::vector<std::thread> others;
    others.reserve(count - 1);
    try {
        while (others.size() + 1 < count) others.emplace_back(work);
    } catch (const std::system_error&) {
        // As many as the limits allow.
    }
    work();
    for (std::thread& other : others) other.join();
}

}  // namespace sluice
