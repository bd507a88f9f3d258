#pragma once

// Named places where a test can make the process die as if by `kill -9`. SLUICE_KILL_POINT=name
// kills at the first pass, name:N at the N-th. scripts/list-kill-points lists all names from the
// sources.
namespace sluice {

namespace detail {
extern const bool kill_points_armed;
void reach_kill_point(const char* name);
}  // namespace detail

/// One branch when the environment variable is not set. Thread-safe. `name` is a literal and
/// occurs once in the sources.
inline void kill_point(const char* name) {
    if (detail::kill_points_armed) [[unlikely]]
        detail::reach_kill_point(name);
}

}  // namespace sluice
