#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Component logs (dispatcher.log, job_controller.log, <channel>_master.log): what a program has to
// say about itself. The transaction log (mail.log) is another thing and lives in log/.
namespace sluice::diag {

/// Five words with fixed meaning. `fatal` and `panic` also end the program, see below.
enum class Level { debug, info, warning };

/// Sends all further lines of this process to `path` (appended), each as "hh:mm:ss.cc: text".
/// Without a call, or with an empty path, lines go to standard error, and so they do where `path`
/// is a link, has further names, or is somebody else's. Call before threads start.
void open_log(const std::string& path, Level least = Level::info);
/// The same with a version of its own for this run (base/log_versions.h). Standard output and
/// standard error lead there too from now on, and so do those of programs this one starts.
/// `versions`: how many to keep, 0 for all.
void open_log_version(const std::string& path, std::size_t versions, Level least = Level::info);
/// Changes the least level shown.
void set_level(Level least);

/// Whether lines of this level are shown at all.
[[nodiscard]] bool shows(Level level);
/// Thread-safe. Whatever is not printable ASCII in `text` is shown as \xHH.
void write(Level level, std::string_view text);
inline void debug(std::string_view text) {
    write(Level::debug, text);
}
inline void info(std::string_view text) {
    write(Level::info, text);
}
inline void warning(std::string_view text) {
    write(Level::warning, text);
}

/// The environment broke: say so and exit with code 75, to be restarted.
[[noreturn]] void fatal(std::string_view text);
/// Our bug: say so and abort; messages stay in the queue.
[[noreturn]] void panic(std::string_view text);

}  // namespace sluice::diag
