#pragma once

#include <string>

#include "base/clock.h"
#include "base/time_zone.h"
#include "net/service_statistics.h"

namespace sluice::metrics {

/// The statistics of the dispatcher as a page of tables, for people (spec page dispatcher, section
/// 7). Everything in it that came from outside is escaped. Pure.
std::string dispatcher_page(
    const net::Statistics& statistics, const std::string& host, WallTime now, const TimeZone& zone
);

}  // namespace sluice::metrics
