#include "lookup/meter_tables.h"

#include "callout/client_checks.h"
#include "callout/local_block.h"

namespace sluice::lookup {

config::MeterTables configured_meter_tables(const config::Configuration& configuration) {
    Diagnostics reported;  // when the configuration was checked
    return config::read_meter_tables(configuration.options, reported);
}

meter::SharedBackend::Settings meter_settings(const config::Configuration& configuration) {
    meter::SharedBackend::Settings settings;
    settings.path = configuration.tailor.path(config::TailorEntry::run) + "meter.mdb";
    const auto configured = configured_meter_tables(configuration);
    for (const auto& [name, table] : configured) settings.tables.push_back(table);
    for (meter::TableSettings& table : callout::greylist_tables()) {
        if (!configured.contains(table.name)) settings.tables.push_back(std::move(table));
    }
    if (auto blocked = callout::local_block_table(); !configured.contains(blocked.name))
        settings.tables.push_back(std::move(blocked));
    return settings;
}

}  // namespace sluice::lookup
