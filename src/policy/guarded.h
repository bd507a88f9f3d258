#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "config/options.h"

namespace sluice::policy {

/// `text` from outside as it may stand in a probe: bars replaced as MAPPING_PARANOIA says, so that
/// they do not shift the fields (spec page mappings, section 4).
inline std::string guarded(const config::Options& options, std::string_view text) {
    std::string out(text);
    const std::string& instead = options.text(config::OptionId::mapping_paranoia);
    if (!instead.empty()) std::replace(out.begin(), out.end(), '|', instead.front());
    return out;
}

}  // namespace sluice::policy
