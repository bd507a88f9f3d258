#pragma once

#include <string>

#include "config/conversion_options.h"
#include "containment/job.h"
#include "conversion/outcome.h"
#include "conversion/value.h"

namespace sluice::converter {

/// Names of the files that a command is given or makes, in its directory.
struct CommandFiles {
    explicit CommandFiles(std::string directory_) : directory(std::move(directory_)) {}

    std::string directory;
    std::string input = "input";
    std::string input_headers = "input_headers";
    std::string message_headers = "message_headers";
    std::string envelope_to = "envelope_to";
    std::string output = "output";
    std::string output_headers = "output_headers";
    std::string output_options = "output_options";

    /// INPUT_FILE, OUTPUT_FILE ...: their complete paths.
    void add_symbols(conversion::SymbolTable& symbols) const;
};

/// What the channel's options say about every command.
void apply(const config::ConversionOptions& options, containment::Job& job);
/// The job that runs a command. A command that begins with the complete path of a file may read and
/// run that file.
containment::Job job_for(
    const config::ConversionOptions& options,
    const std::string& shell_text,
    const std::string& directory,
    const conversion::SymbolTable& symbols
);

conversion::CommandEnd end_of(const containment::Report& report);

}  // namespace sluice::converter
