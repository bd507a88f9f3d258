#pragma once

#include <string>
#include <vector>

#include "config/configuration.h"

namespace sluice::policy {

/// How conversion tags compare and gather, by option CONVERSION_TAG_CASE. A plain value.
struct TagRules {
    bool case_matters = false;
    bool keeps_duplicates = false;

    [[nodiscard]] bool contains(const std::vector<std::string>& tags, const std::string& tag) const;
    /// Adds to `tags` what is in neither `tags` nor `known`.
    void add(
        std::vector<std::string>& tags,
        const std::vector<std::string>& more,
        const std::vector<std::string>& known = {}
    ) const;
};
TagRules tag_rules(const config::Configuration& configuration);

}  // namespace sluice::policy
