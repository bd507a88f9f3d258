#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "utility/message.h"

namespace sluice::utility {

/// "Delete  [#######             ]  35 %  3501/10000  4 s left" for a person who waits at a
/// terminal: shown once a second has passed, gone when the object goes. Elsewhere nothing is shown.
class Progress {
public:
    /// `total` 0: not known.
    Progress(Console& console, std::string what, std::uint64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void advance(std::uint64_t count = 1);

private:
    void draw(MonoTime now);

    Console& console_;
    std::string what_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    MonoTime start_;
    MonoTime next_draw_;
    bool shown_ = false;
};

/// The line without what returns the cursor. Pure.
std::string progress_line(
    const std::string& what,
    std::uint64_t done,
    std::uint64_t total,
    std::chrono::milliseconds elapsed
);

}  // namespace sluice::utility
