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

/// Debug bits of dispatcher.cnf (spec page dispatcher, section 6).
namespace debug_bit {
constexpr std::int64_t main_basic = 1;
constexpr std::int64_t main_extra = 2;
constexpr std::int64_t services = 16 + 32;
constexpr std::int64_t processes = 64;
constexpr std::int64_t hand_offs = 16384;
constexpr std::int64_t port_access = 16777216;
}  // namespace debug_bit

}  // namespace sluice::dispatcher
