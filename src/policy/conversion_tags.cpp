#include "policy/conversion_tags.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::policy {

bool TagRules::contains(const std::vector<std::string>& tags, const std::string& tag) const {
    return std::any_of(tags.begin(), tags.end(), [&](const std::string& other) {
        return case_matters ? other == tag : equals_ignoring_case(other, tag);
    });
}

void TagRules::add(
    std::vector<std::string>& tags,
    const std::vector<std::string>& more,
    const std::vector<std::string>& known
) const {
    for (const std::string& tag : more) {
        if (keeps_duplicates || !(contains(tags, tag) || contains(known, tag))) tags.push_back(tag);
    }
}

TagRules tag_rules(const config::Configuration& configuration) {
    const auto has = [&](std::int64_t bit) {
        return configuration.options.bit(config::OptionId::conversion_tag_case, bit);
    };
    return {has(1), has(2)};
}

}  // namespace sluice::policy
