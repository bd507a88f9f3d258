#pragma once

#include <string>
#include <string_view>

#include "config/conversion_options.h"
#include "containment/job.h"
#include "dequeue/disposition.h"

// What the end of a program says about the message it was given. Pure.
namespace sluice::pipe {

/// sysexits(3): what speaks of the message or its recipient (65, 67, 68, 69, 76, 77, also qmail's
/// 100) is final; what speaks of this system or its configuration, any other number, a signal, and
/// a limit are temporary, for they may be mended while the message waits. A limit holds the message
/// where `on_limit` says so. The program's output goes into diagnostic and notification.
dequeue::Disposition disposition_of(
    const containment::Report& report, const std::string& method, config::LimitAction on_limit
);

/// The last lines of a program's output as one line of clean text, at most `most` octets: the
/// complaint comes last.
std::string quoted_output(std::string_view output, std::size_t most);

}  // namespace sluice::pipe
