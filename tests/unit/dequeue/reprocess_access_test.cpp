#include "dequeue/reprocess_access.h"

#include <gtest/gtest.h>

#include "channel/channel_table.h"
#include "support/site.h"

namespace sluice::dequeue {
namespace {

class ReprocessAccessTest : public testing::Test {
protected:
    policy::RecipientProbe facts(const char* channel) {
        policy::RecipientProbe probe;
        add_access_facts(
            *site_->imta.channels.find(channel), envelope_, envelope_.recipients[0], probe
        );
        return probe;
    }

    config::ConfigurationPtr site_ = test::make_site();
    queue::Envelope envelope_ = [] {
        queue::Envelope envelope;
        envelope.sender = "harold@varrius.com";
        envelope.transport = "TCP|192.0.2.9|25|198.51.100.7|1244|SMTP|E||client.test";
        envelope.conversion_tags = {"slow"};
        envelope.recipients.emplace_back().notify = queue::notify_success;
        return envelope;
    }();
};

TEST_F(ReprocessAccessTest, ReprocessShowsTheSessionThatTheMessageCameBy) {
    const auto probe = facts("reprocess");
    EXPECT_EQ(probe.access_source, "reprocess");
    EXPECT_EQ(
        access::connection_prefix(probe.session, {}),
        "TCP|192.0.2.9|25|198.51.100.7|1244|SMTP/client.test|"
    );
    EXPECT_TRUE(probe.session.extended);
    EXPECT_EQ(probe.conversion_tags, std::vector<std::string>{"slow"});
    EXPECT_TRUE(probe.notify_success);
    EXPECT_FALSE(probe.notify_failure);
    EXPECT_FALSE(probe.skip_access_tables);
}

TEST_F(ReprocessAccessTest, OtherChannelsShowNone) {
    for (const char* channel : {"process", "hold"}) {
        const auto probe = facts(channel);
        EXPECT_EQ(probe.access_source, channel);
        EXPECT_EQ(access::connection_prefix(probe.session, {}), "||");
    }
}

TEST_F(ReprocessAccessTest, OwnNotificationsAreNotAskedAboutThoseOfOthersAre) {
    envelope_.sender.clear();
    EXPECT_FALSE(facts("reprocess").skip_access_tables);
    envelope_.transport.reset();
    EXPECT_TRUE(facts("reprocess").skip_access_tables);
}

}  // namespace
}  // namespace sluice::dequeue
