#pragma once

#include <cstdint>
#include <string>

#include "base/unique_fd.h"

// Landlock, as far as a kernel has it: what one thread and all that it starts may still do with
// files, TCP, abstract sockets and signals.
namespace sluice::containment {

/// Which version of Landlock the kernel has; below 1: none, errno says why.
int landlock_version();

/// Rights for Ruleset::allow(); the bits are those of the kernel.
struct FileRights {
    static constexpr std::uint64_t read = (1U << 2U) | (1U << 3U);  ///< files and directories
    static constexpr std::uint64_t run = read | (1U << 0U);
    static constexpr std::uint64_t write_file = 1U << 1U;
    static constexpr std::uint64_t truncate = 1U << 14U;
    static constexpr std::uint64_t update = read | write_file | truncate;  ///< what is there
};

class Ruleset {
public:
    enum class Tcp : std::uint8_t {
        none,
        connects,  ///< from a port that the kernel chooses
        all,
    };

    Ruleset(int version, Tcp tcp);
    explicit operator bool() const { return static_cast<bool>(fd_); }

    /// Of what is below a directory, or of a file. A place that does not exist is left out: false.
    [[nodiscard]] bool allow(const std::string& path, std::uint64_t rights) const;
    /// From now on. The process must have said that it wants no new privileges.
    [[nodiscard]] bool enforce() const;
    /// Everything but running programs.
    [[nodiscard]] std::uint64_t full_access() const;

private:
    std::uint64_t rights_;
    UniqueFd fd_;
};

}  // namespace sluice::containment
