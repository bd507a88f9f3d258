#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::return_job {

/// A program of the site that runs with the rights of the MTA, such as daily_cleanup.
struct SiteProgram {
    std::string path;
    std::vector<std::string> environment;  ///< "NAME=value"; nothing else is passed on
    std::string directory;                 ///< where it starts
    std::chrono::milliseconds limit{0};
    std::chrono::milliseconds grace{10000};  ///< between SIGTERM and SIGKILL at the limit
};

struct SiteProgramEnd {
    bool clean = false;               ///< exit status 0 within the limit
    std::string text;                 ///< "exit status 3", "signal 9", "stopped after 3600 s"
    std::uint64_t dropped_bytes = 0;  ///< of output beyond max_output
};

/// Output kept of one run, bytes; and of one of its lines.
inline constexpr std::uint64_t max_output = 1UL << 20U;
inline constexpr std::size_t max_output_line = 4096;

/// Runs it in a process group of its own, with /dev/null as its input, and hands over each line of
/// its output, without the line feed. At the limit the whole group is stopped. What it left behind
/// in the background is not waited for. An Error: it could not be started.
Result<SiteProgramEnd> run_site_program(
    const SiteProgram& program, const std::function<void(std::string_view)>& line
);

}  // namespace sluice::return_job
