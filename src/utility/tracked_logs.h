#pragma once

#include <optional>
#include <string>
#include <vector>

#include "log_index/log_source.h"
#include "tracking/line_reader.h"
#include "utility/utility.h"

namespace sluice::utility {

/// The logs that a utility reads: those that the command line names, else those of the instance.
struct LogFiles {
    /// Cumulative, yesterday's, rotated, current; or the named files in their order. What is not
    /// there is left out.
    std::vector<log_index::LogSource> messages;
    std::vector<log_index::LogSource>
        connections;  ///< with SEPARATE_CONNECTION_LOG, and what is left
    bool standard_input = false;
    bool of_instance = false;
    std::string index_directory;  ///< of the instance; empty for named files
};

/// Files, or "-" alone for the standard input. Without files the instance's; an Error where there
/// is none, or where a named file cannot be read.
Result<LogFiles> open_log_files(const std::vector<std::string>& names, const Instance* instance);
/// Reads the standard input to its end, line by line.
void for_lines_of_input(Console& console, const std::function<bool(std::string_view)>& line);

/// How the lines are to be read: with the instance's options for its own logs, also where they are
/// named, with those of -option_file where it is given, else by their looks. nullopt, said why,
/// where that file is bad.
std::optional<tracking::ReaderSettings> reader_settings(Invocation& invocation, bool of_instance);

}  // namespace sluice::utility
