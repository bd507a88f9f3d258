#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "enqueue/runtime.h"

namespace sluice::dequeue {

/// Mail of the instance itself to its postmaster: durable on return. `text` is told how this host
/// names itself in reports.
Result<void> tell_postmaster(
    enqueue::Runtime& runtime,
    const config::Configuration& configuration,
    const std::string& subject,
    const std::function<std::string(const std::string& reporting_mta)>& text
);

}  // namespace sluice::dequeue
