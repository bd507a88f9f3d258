#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "config/conversion_options.h"
#include "containment/job.h"
#include "conversion/environment.h"
#include "conversion/plan.h"

// The conversion service: entries of the conversions file with SERVICE-COMMAND, whose commands take
// whole messages, or whole parts with their headers (spec page conversions, section 4).
namespace sluice::converter {

/// A message that services may change. All outlives the run.
struct ServiceTask {
    const conversion::Entries& entries;
    const config::ConversionOptions& options;
    const conversion::MessageFacts& facts;
    const std::vector<std::string>& recipients;  ///< of the envelope, for INFO_FILE
    std::shared_ptr<ByteSource> message;         ///< lines end with CRLF
    std::string directory;                       ///< to be made, and removed afterwards
    std::string spool_directory;                 ///< for the changed message
    std::string command_host;                    ///< path of that program
    bool executes = true;                        ///< false: only says what it would do
};

/// A message or part that an entry was found for, or all entries compared with it.
struct ServiceRecord {
    conversion::PartFacts facts;
    std::vector<conversion::Tried> tried;
    std::string shell_text;  ///< of the command, if there is one
    std::optional<containment::Report> report;
    std::string what;  ///< in a few words
};

struct ServiceOutcome {
    std::shared_ptr<ByteSource> message;  ///< the same where nothing changed
    std::vector<ServiceRecord> records;
    std::vector<std::string> warnings;
    bool needs_eight_bit = false;  ///< a command has put octets above 127 into it
};

bool has_services(const conversion::Entries& entries);
/// An Error: something of ours failed, a command could not be started; the message is to be tried
/// again. A command that fails leaves the message, or part, as it was.
Result<ServiceOutcome> run_services(const ServiceTask& task);

}  // namespace sluice::converter
