#include "base/first_hit.h"

#include <utility>

namespace sluice {

std::optional<std::uint64_t> FirstHit::hit(MonoTime now, std::uint64_t times) {
    untold_ += times;
    if (told_ && now - *told_ < told_every) return std::nullopt;
    told_ = now;
    return std::exchange(untold_, 0);
}

}  // namespace sluice
