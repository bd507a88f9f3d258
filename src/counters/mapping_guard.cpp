#include "counters/mapping_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace sluice::counters {

namespace {

/// What the signal handler looks at: lock-free atomics only.
struct Guarded {
    std::atomic<std::uintptr_t> begin{0};  ///< 0: free; 1: being taken or given back
    std::atomic<std::size_t> size{0};
    std::atomic<bool> torn{false};
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

std::array<Guarded, MappingGuard::most_guarded> guarded;
std::uintptr_t page_size = 4096;
struct sigaction before {};

Guarded* mapping_at(std::uintptr_t address) {
    for (Guarded& one : guarded) {
        const std::uintptr_t begin = one.begin.load(std::memory_order_acquire);
        if (begin > 1 && address >= begin && address - begin < one.size.load()) return &one;
    }
    return nullptr;
}

void on_bus_error(int signal, siginfo_t* info, void*) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    const bool is_access = info->si_code > 0;  // of the kernel, not of somebody's kill()
    Guarded* mapping = is_access ? mapping_at(address) : nullptr;
    if (mapping != nullptr) {
        mapping->torn.store(true);
        void* const page = reinterpret_cast<void*>(address & ~(page_size - 1));  // NOLINT
        constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
        if (::mmap(page, page_size, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED) return;
    }
    // The access comes again, a signal somebody sent is sent again: to whom it was for.
    ::sigaction(SIGBUS, &before, nullptr);
    if (!is_access) ::raise(signal);
}

void install() {
    page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, &before);
}

}  // namespace

MappingGuard::MappingGuard(void* begin, std::size_t size) : place_(0) {
    static std::once_flag installed;
    std::call_once(installed, install);
    for (; place_ < guarded.size(); ++place_) {
        std::uintptr_t free = 0;
        if (!guarded[place_].begin.compare_exchange_strong(free, 1)) continue;
        guarded[place_].size.store(size);
        guarded[place_].torn.store(false);
        guarded[place_].begin.store(
            reinterpret_cast<std::uintptr_t>(begin), std::memory_order_release
        );
        return;
    }
}

MappingGuard::~MappingGuard() {
    if (place_ < guarded.size()) guarded[place_].begin.store(0);
}

bool MappingGuard::is_torn() const {
    return place_ < guarded.size() && guarded[place_].torn.load();
}

}  // namespace sluice::counters
