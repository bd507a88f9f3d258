#include "log/message_number.h"

#include <algorithm>

namespace sluice::log {

std::uint64_t message_number(std::string_view envelope_id, WallTime enqueued) {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    for (const char c : envelope_id)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    const auto arrived =
        std::chrono::floor<std::chrono::milliseconds>(enqueued).time_since_epoch().count();
    constexpr std::int64_t latest = 9'223'372'036'853;  // so that the product fits 63 bits
    const auto milliseconds = std::clamp<std::int64_t>(arrived, 0, latest);
    return static_cast<std::uint64_t>(milliseconds) * message_number_tail +
           hash % message_number_tail;
}

}  // namespace sluice::log
