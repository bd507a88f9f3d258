#pragma once

#include <span>
#include <string>

#include "base/time_zone.h"
#include "log/event.h"
#include "log/event_switches.h"

// Renders events as lines of the Post.Office log (postoffice-and-qmail-features.md section 3): one
// line an entry however long it is, but for the control record of an undeliverable message, whose
// lines begin with a tab. Pure.
namespace sluice::postoffice_log {

struct RenderOptions {
    log::EventSwitches switches;
    std::string host;  ///< official local host name: right of the "@" in message ids
    TimeZone zone = TimeZone::system();
};

/// Whether an event of this kind may become an entry that is switched on.
[[nodiscard]] bool is_wanted(log::EventKind kind, const log::EventSwitches& switches);

/// Appends the lines of one operation: recipients of one message share an entry where the format
/// has room for them.
void render(std::string& out, std::span<const log::Event> events, const RenderOptions& options);

}  // namespace sluice::postoffice_log
