#pragma once

#include "config/configuration.h"
#include "config/meter_options.h"
#include "meter/shared_backend.h"

namespace sluice::lookup {

/// The tables of the option file, by name.
config::MeterTables configured_meter_tables(const config::Configuration& configuration);

/// Where the tables of call-outs of an instance are, and all of them: those of the option file and
/// those of built-in routines.
meter::SharedBackend::Settings meter_settings(const config::Configuration& configuration);

}  // namespace sluice::lookup
