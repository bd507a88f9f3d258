#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/bytes.h"
#include "callout/registry.h"
#include "meter/backend.h"

namespace sluice::callout {

using MeterTables = std::map<std::string, meter::TableSettings, LessIgnoringCase>;

/// Adds the routines of the image `check_metermaid`, which count and remember in tables that all
/// processes share (manual page mappings(5)):
///
///     throttle         table,key: counts one event; succeeds when it is beyond the quota
///     greylisting      table,key: succeeds while who comes is to come again later
///     query            table,key: what the two would say, or whether a value is there; counts
///     nothing fetch            table,key: the value store            table,key,value adjust
///     table,key,[+-]n test             table,key,op n: op is one of = > >= < <= adjust_and_test
///     table,key,[+-]n,op n remove           table,key
///
/// A routine fails where the table is not configured, is of another type, or cannot be asked: an
/// outage refuses nobody. `tables` must outlive the registry; `backend` is called for the first
/// time when a routine is.
void add_meter_routines(
    Registry& registry, const MeterTables& tables, std::function<meter::Backend&()> backend
);

}  // namespace sluice::callout
