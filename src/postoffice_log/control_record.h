#pragma once

#include <span>
#include <string>

#include "base/time_zone.h"
#include "log/event.h"

namespace sluice::postoffice_log {

/// The lines behind an entry of the error handler that say all about the message: a tab, a name,
/// ":" and a value (postoffice-and-qmail-features.md section 3.3). What is not known is left out.
/// `events`: the failed recipients of one message, at least one. Pure.
[[nodiscard]] std::string control_record(std::span<const log::Event> events, const TimeZone& zone);

/// What the entry's message id is marked with: "Unknown" where there is no such user.
[[nodiscard]] std::string error_tag(const log::Event& event);

}  // namespace sluice::postoffice_log
