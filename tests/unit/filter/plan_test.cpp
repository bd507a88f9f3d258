#include "filter/plan.h"

#include <gtest/gtest.h>

#include "filter_site.h"

namespace sluice::filter {
namespace {

const channel::Channel& channel_of(const config::ConfigurationPtr& site, const char* name) {
    return *site->imta.channels.find(name);
}

std::string numbers(const Plan& plan) {
    std::string out;
    for (const PlannedFilter& planned : plan) {
        out += std::to_string(planned.number());
        if (!planned.optin.empty()) out += '(' + planned.optin + ')';
    }
    return out;
}

struct Row {
    const char* what;
    const char* source;
    const char* destination;
    const char* for_session;
    const char* for_copy;         ///< after the session's
    const char* for_lonely_copy;  ///< of a source without sessions
};

class FilterPlan : public testing::TestWithParam<Row> {};

TEST_P(FilterPlan, FollowsTheKeywords) {
    const Row& row = GetParam();
    const auto site = filter_site(row.source, row.destination);
    ASSERT_TRUE(site);
    const auto& a = channel_of(site, "a");
    const auto& b = channel_of(site, "b");
    EXPECT_EQ(numbers(source_plan(*site, a)), row.for_session);
    EXPECT_EQ(numbers(copy_plan(*site, &a, b, true)), row.for_copy);
    EXPECT_EQ(numbers(copy_plan(*site, &a, b, false)), row.for_lonely_copy);
}

INSTANTIATE_TEST_SUITE_P(
    Keywords,
    FilterPlan,
    testing::Values(
        Row{"none", "", "", "", "", ""},
        Row{"source", "sourcespamfilter2 sourcespamfilter1", "", "12", "", "12"},
        Row{"destination", "", "destinationspamfilter2", "", "2", "2"},
        Row{"both_ask_once", "sourcespamfilter1", "destinationspamfilter1", "1", "", "1"},
        Row{"not_configured", "sourcespamfilter7", "", "", "", ""},
        Row{"optin", "sourcespamfilter1optin spam,virus", "destinationspamfilter1optin x",
            "1(spam,virus)", "", "1(spam,virus,x)"},
        Row{"old_names", "sourcebrightmail", "destinationspamfilteroptin y", "1", "", "1(y)"},
        Row{"source_disables", "disablesourcespamfilter1", "destinationspamfilter1", "", "", ""},
        Row{"source_disables_itself", "sourcespamfilter1 disablesourcespamfilter1", "", "", "", ""},
        Row{"destination_disables", "sourcespamfilter1", "disabledestinationspamfilter1", "1", "",
            ""}
    ),
    [](const auto& row) { return std::string(row.param.what); }
);

TEST(FilterPlan, MessagesOfOurOwnHaveNoSource) {
    const auto site = filter_site("sourcespamfilter1", "destinationspamfilter2");
    EXPECT_EQ(numbers(copy_plan(*site, nullptr, channel_of(site, "b"), false)), "2");
}

TEST(FilterPlan, ChannelHasItsOwnSettings) {
    const auto site = filter_site(
        "sourcespamfilter1", "", "SPAMFILTER1_OPTIONAL=1\n", {},
        "TIMEOUT=500\n[CHANNEL=a]\nMODE=quarantine\n"
    );
    const Plan plan = source_plan(*site, channel_of(site, "a"));
    ASSERT_EQ(plan.size(), 1U);
    EXPECT_EQ(plan[0].settings->on_failure, config::FilterFailure::quarantine);
    EXPECT_EQ(plan[0].settings->reply, std::chrono::seconds(5));
    EXPECT_EQ(plan[0].filter->settings.on_failure, config::FilterFailure::accept);
}

}  // namespace
}  // namespace sluice::filter
