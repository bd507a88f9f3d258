#pragma once

#include <string>
#include <vector>

#include "log/event.h"
#include "policy/decision.h"

namespace sluice::smtp_server {

/// One step of the search for a recipient, as LOG_RCPT_TRACE shows it.
struct SearchStep {
    log::Cause cause = log::Cause::tried;  ///< tried or found
    std::string key;
    friend bool operator==(const SearchStep&, const SearchStep&) = default;
};

/// The aliases and mailboxes that were looked for, in order, each key once. Pure.
std::vector<SearchStep> search_steps(const policy::Trace& trace);

}  // namespace sluice::smtp_server
