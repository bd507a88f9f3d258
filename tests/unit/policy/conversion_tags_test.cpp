#include "policy/conversion_tags.h"

#include <gtest/gtest.h>

#include "support/site.h"

namespace sluice::policy {
namespace {

using Tags = std::vector<std::string>;

Tags gathered(const TagRules& rules) {
    Tags tags{"slow"};
    rules.add(tags, {"SLOW", "cheap", "cheap", "known"}, {"Known"});
    return tags;
}

TEST(ConversionTags, GatherOnceWithoutRegardToCase) {
    EXPECT_EQ(gathered({}), (Tags{"slow", "cheap"}));
}

TEST(ConversionTags, OptionMakesCaseAndNumberCount) {
    EXPECT_EQ(gathered({true, false}), (Tags{"slow", "SLOW", "cheap", "known"}));
    EXPECT_EQ(gathered({false, true}), (Tags{"slow", "SLOW", "cheap", "cheap", "known"}));
    const auto site = test::make_site({{"option.dat", "CONVERSION_TAG_CASE=1\n"}});
    EXPECT_TRUE(tag_rules(*site).case_matters);
    EXPECT_FALSE(tag_rules(*site).keeps_duplicates);
}

}  // namespace
}  // namespace sluice::policy
