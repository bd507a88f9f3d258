#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "dispatcher/dispatcher.h"

// From the configuration to what the event loop runs on. Pure.
namespace sluice::dispatcher {

/// Things the configuration does not say.
struct Surroundings {
    bool has_ipv6 = true;  ///< "every address" is a second socket then
};

/// One service, or why it cannot be started.
Result<ServiceSettings> service_settings(
    const config::DispatcherService& service,
    const config::Tailor& tailor,
    const Surroundings& surroundings
);

}  // namespace sluice::dispatcher
