#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "queue/storage.h"

namespace sluice::queue {

/// A storage that tells `say` about each call that changes something, waits, or fails: what was
/// done, what came of it, and how long it took (OS_DEBUG). `inner` outlives it; `say` is
/// thread-safe.
std::unique_ptr<Storage> make_traced_storage(
    Storage& inner, std::function<void(std::string_view line)> say
);

}  // namespace sluice::queue
