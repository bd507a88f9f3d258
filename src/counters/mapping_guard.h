#pragma once

#include <cstddef>

// A file that is cut short while it is mapped makes the next access a SIGBUS, which ends the
// process; so does a disk that cannot be read. Counters must not end a process that moves mail.
// Inside this room only.
namespace sluice::counters {

/// From now on an access to the mapping that finds no file below it finds a page of zeros in its
/// place, which nobody else sees, and is_torn() says so. SIGBUS from elsewhere does what it did.
/// As many mappings at a time as `most_guarded`; others are not guarded. Destroyed before the
/// mapping goes. Thread-safe.
class MappingGuard {
public:
    static constexpr std::size_t most_guarded = 64;

    MappingGuard(void* begin, std::size_t size);
    ~MappingGuard();
    MappingGuard(const MappingGuard&) = delete;
    MappingGuard& operator=(const MappingGuard&) = delete;

    [[nodiscard]] bool is_torn() const;

private:
    std::size_t place_;
};

}  // namespace sluice::counters
