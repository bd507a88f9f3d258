#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "config/file_source.h"

namespace sluice::config {

/// What happens to a message whose command was stopped at a limit.
enum class LimitAction : std::uint8_t { retry, hold };

/// <channel>_option of a conversion or pipe channel: what its commands may use up
/// (docs/man/conversion.8, docs/man/pipe_master.8).
struct ConversionOptions {
    std::chrono::seconds command_timeout{300};
    std::chrono::seconds command_cpu_time{120};
    std::int64_t command_memory = 1024;    ///< MiB
    std::int64_t command_file_size = 256;  ///< MiB
    std::int64_t command_disk = 512;       ///< MiB
    std::int64_t command_processes = 64;
    std::int64_t command_open_files = 256;
    bool command_network = false;
    bool command_strict = false;             ///< run nothing where the kernel cannot confine it
    std::vector<std::string> command_read;   ///< files and directories that commands may read
    std::vector<std::string> command_write;  ///< the same to be written to
    LimitAction limit_action = LimitAction::retry;
    std::int64_t max_client_threads = 2;
};

/// Codes: those of option_file.h and option_value.h.
ConversionOptions parse_conversion_options(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
);
/// A missing file gives the defaults; an unreadable one is an Error.
Result<ConversionOptions> load_conversion_options(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
);
/// Every name the file may set, upper case.
const std::vector<std::string_view>& conversion_option_names();

}  // namespace sluice::config
