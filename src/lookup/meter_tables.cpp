#include "lookup/meter_tables.h"

#include "callout/client_checks.h"

namespace sluice::lookup {

meter::SharedBackend::Settings meter_settings(const config::Configuration& configuration) {
    meter::SharedBackend::Settings settings;
    settings.path = configuration.tailor.path(config::TailorEntry::run) + "meter.mdb";
    for (const auto& [name, table] : configuration.meter_tables) settings.tables.push_back(table);
    for (meter::TableSettings& table : callout::greylist_tables()) {
        if (!configuration.meter_tables.contains(table.name))
            settings.tables.push_back(std::move(table));
    }
    return settings;
}

}  // namespace sluice::lookup
