#include "base/kill_point.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sluice::detail {

namespace {

struct Wanted {
    std::string name;
    std::uint64_t pass = 1;
};

const Wanted& wanted() {
    static const Wanted from_environment = [] {
        Wanted result;
        // Read once, before main() starts threads.
        const char* text = std::getenv("SLUICE_KILL_POINT");  // NOLINT(concurrency-mt-unsafe)
        if (text == nullptr) return result;
        const std::string_view spec(text);
        const std::size_t colon = spec.rfind(':');
        result.name = spec.substr(0, colon);
        if (colon != std::string_view::npos) {
            result.pass = parse_unsigned(spec.substr(colon + 1)).value_or(1);
        }
        return result;
    }();
    return from_environment;
}

std::atomic<std::uint64_t> passes{0};

}  // namespace

const bool kill_points_armed = !wanted().name.empty();

void reach_kill_point(const char* name) {
    if (wanted().name == name && ++passes == wanted().pass) (void)std::raise(SIGKILL);
}

}  // namespace sluice::detail
