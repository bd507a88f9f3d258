#include "base/limit_hits.h"

#include <array>
#include <mutex>
#include <string>

#include "base/first_hit.h"
#include "base/log.h"

namespace sluice::limits {

namespace {

constexpr std::array<std::string_view, limit_count> names = {
#define SLUICE_LIMIT(name) #name,
#include "base/limit_table.inc"
#undef SLUICE_LIMIT
};

std::size_t place_of(Limit limit) {
    return static_cast<std::size_t>(limit);
}

struct Hits {
    std::mutex mutex;  // guards the others
    std::array<FirstHit, limit_count> lines;
    Counter counter;
};

Hits& hits() {
    static Hits all;
    return all;
}

}  // namespace

std::string_view name_of(Limit limit) {
    return names[place_of(limit)];
}

void hit(Limit limit, std::string_view detail, std::uint64_t times) {
    std::optional<std::uint64_t> told;
    {
        const std::lock_guard lock(hits().mutex);
        if (hits().counter) hits().counter(limit, times);
        told = hits().lines[place_of(limit)].hit(system_clock().mono_now(), times);
    }
    if (!told) return;
    std::string line = "limit " + std::string(name_of(limit)) + ": " + std::string(detail);
    if (*told > 1) line += "; " + std::to_string(*told) + " times since this was last told";
    diag::warning(line);
}

void count(Limit limit, std::uint64_t times) {
    const std::lock_guard lock(hits().mutex);
    if (hits().counter) hits().counter(limit, times);
}

void set_counter(Counter counter) {
    const std::lock_guard lock(hits().mutex);
    hits().counter = std::move(counter);
}

}  // namespace sluice::limits
