#pragma once

#include <functional>
#include <optional>
#include <string>

#include "config/configuration.h"
#include "utility/utility.h"

// The faces of imsimta test, in the test_*.cpp files.
namespace sluice::utility {

ExitCode test_rewrite(Invocation& invocation);
ExitCode test_mapping(Invocation& invocation);
ExitCode test_match(Invocation& invocation);
ExitCode test_cases(Invocation& invocation);
ExitCode test_conversion(Invocation& invocation);
ExitCode test_smtp(Invocation& invocation);

/// Runs a face with -input and -output in force.
ExitCode with_files(Invocation& invocation, ExitCode (*run)(Invocation&));

/// The configuration that the command is to be tried with: files named on it, else the instance's,
/// as published unless -noimage_file. Null when it is not usable; that is said then.
config::ConfigurationPtr load_test_configuration(Invocation& invocation);

/// Calls `each` with the parameters of the command, or, where it has none, with the lines of the
/// input until its end. The result is the last one that `each` returned, or the least: a command
/// that did something useful for one of them did it.
ExitCode for_each_input(
    Invocation& invocation,
    std::string_view prompt,
    const std::function<ExitCode(const std::string& text)>& each
);

/// Prints text of several lines, indented and made harmless for the terminal.
void print_lines(Console& console, std::string_view text);

}  // namespace sluice::utility
