#include "dequeue/finished_memory.h"

#include <utility>

#include "base/limit_hits.h"

namespace sluice::dequeue {

namespace {

constexpr std::size_t most_messages = 10000;

}  // namespace

void FinishedMemory::note(const std::string& unique, std::size_t recipient) {
    const std::lock_guard lock(mutex_);
    const auto found = messages_.find(unique);
    if (found != messages_.end()) {
        found->second.insert(recipient);
    } else if (messages_.size() < most_messages) {
        messages_.emplace(unique, std::set<std::size_t>{recipient});
    } else {
        limits::hit(
            limits::Limit::finished_messages,
            std::to_string(most_messages) +
                " messages are remembered whose end could not be written down; further ones may be "
                "delivered twice"
        );
    }
}

std::set<std::size_t> FinishedMemory::noted(const std::string& unique) const {
    const std::lock_guard lock(mutex_);
    const auto found = messages_.find(unique);
    return found != messages_.end() ? found->second : std::set<std::size_t>();
}

void FinishedMemory::forget(const std::string& unique) {
    const std::lock_guard lock(mutex_);
    messages_.erase(unique);
}

void FinishedMemory::forget_all() {
    const std::lock_guard lock(mutex_);
    messages_.clear();
}

FinishedMemory& FinishedMemory::instance() {
    static FinishedMemory memory;
    return memory;
}

}  // namespace sluice::dequeue
