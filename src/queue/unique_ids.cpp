#include "queue/unique_ids.h"

#include <algorithm>

#include "base/base36.h"

namespace sluice::queue {

std::string UniqueIds::next(WallTime now) {
    // 36^4 numbers: they repeat after 1,679,616 ids, by then the time has moved on.
    constexpr std::uint32_t sequences = 36U * 36U * 36U * 36U;
    const std::uint32_t number = ++sequence_ % sequences;
    const auto since = std::max<std::int64_t>((now - unique_epoch).count(), 0);
    return format_base36(static_cast<std::uint64_t>(since), 10) + node_ + format_base36(number, 4);
}

std::string node_name(unsigned number) {
    return format_base36(number % node_count, 2);
}

}  // namespace sluice::queue
