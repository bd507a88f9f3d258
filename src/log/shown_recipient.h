#pragma once

#include <string>

#include "log/event.h"

namespace sluice::log {

/// The recipient for logs that know no local parts alone: the active address, or, where that has
/// lost its host because it is delivered here, the one that was first given.
[[nodiscard]] inline const std::string& shown_recipient(const Event& event) {
    const bool has_host = event.recipient.find('@') != std::string::npos;
    const bool original_has = event.original_recipient.find('@') != std::string::npos;
    return !has_host && original_has ? event.original_recipient : event.recipient;
}

}  // namespace sluice::log
