#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "config/options.h"
#include "meter/table_settings.h"

namespace sluice::config {

/// The tables of check_metermaid, by name.
using MeterTables = std::map<std::string, meter::TableSettings, LessIgnoringCase>;

/// Reads METERMAID.TABLE.name.option, also written METERMAID.LOCAL_TABLE:name.option. Codes: E490
/// value that is not understood, E491 times of a greylisting table that leave no time to come
/// again, W490 option without effect, W405 unknown option, W404 number out of range.
MeterTables read_meter_tables(const Options& options, Diagnostics& diagnostics);

}  // namespace sluice::config
