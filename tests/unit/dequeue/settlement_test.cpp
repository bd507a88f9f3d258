#include "dequeue/settlement.h"

#include <gtest/gtest.h>

namespace sluice::dequeue {
namespace {

using std::chrono::hours;

queue::Recipient recipient(unsigned notify = queue::default_notify) {
    queue::Recipient r;
    r.address = "a@b.example";
    r.notify = notify;
    return r;
}

Settlement settle_one(
    unsigned notify, Disposition disposition, std::chrono::seconds age = hours(1)
) {
    return settle({recipient(notify)}, {std::move(disposition)}, age, {});
}

TEST(Settlement, AllDeliveredRemovesTheFile) {
    const auto s = settle_one(queue::default_notify, Disposition::delivered());
    EXPECT_EQ(s.action, FileAction::remove);
    EXPECT_EQ(s.recipients[0].fate, Fate::delivered);
    EXPECT_EQ(s.recipients[0].notice, Notice::none);
}

TEST(Settlement, SuccessIsReportedOnlyWhenAsked) {
    EXPECT_EQ(
        settle_one(queue::notify_success, Disposition::delivered()).recipients[0].notice,
        Notice::delivered
    );
    Disposition relayed = Disposition::delivered();
    relayed.kind = Disposition::Kind::relayed;
    EXPECT_EQ(settle_one(queue::notify_success, relayed).recipients[0].notice, Notice::relayed);
    relayed.peer_reports = true;
    EXPECT_EQ(settle_one(queue::notify_success, relayed).recipients[0].notice, Notice::none);
}

TEST(Settlement, PermanentFailureIsFinal) {
    const auto s =
        settle_one(queue::default_notify, Disposition::failed({5, 1, 1}, "no such user"));
    EXPECT_EQ(s.recipients[0].fate, Fate::given_up);
    EXPECT_EQ(s.recipients[0].notice, Notice::failed);
    EXPECT_EQ(s.recipients[0].status, (StatusCode{5, 1, 1}));
    EXPECT_EQ(s.action, FileAction::remove);
}

TEST(Settlement, TemporaryFailureOfAllKeepsTheFile) {
    const auto s = settle_one(queue::default_notify, Disposition::deferred({4, 4, 1}, "no route"));
    EXPECT_EQ(s.action, FileAction::next_attempt);
    EXPECT_EQ(s.recipients[0].fate, Fate::stays);
}

TEST(Settlement, TemporaryFailureOfSomeReplacesTheFile) {
    const auto s = settle(
        {recipient(), recipient(), recipient()},
        {Disposition::delivered(), Disposition::deferred({4, 2, 2}, "full"),
         Disposition::failed({5, 1, 1}, "no")},
        hours(1), {}
    );
    EXPECT_EQ(s.action, FileAction::replace);
    EXPECT_EQ(s.recipients[1].fate, Fate::stays_alone);
    EXPECT_EQ(s.recipients[2].fate, Fate::given_up);
}

TEST(Settlement, TooOldIsGivenUpWithTheLastReason) {
    AgeLimits limits;
    limits.give_up_after = hours(2);
    const auto s =
        settle({recipient()}, {Disposition::deferred({4, 4, 1}, "no route")}, hours(2), limits);
    EXPECT_EQ(s.action, FileAction::remove);
    EXPECT_EQ(s.recipients[0].notice, Notice::timed_out);
    EXPECT_EQ(s.recipients[0].status, (StatusCode{5, 4, 7}));
    EXPECT_EQ(s.recipients[0].diagnostic, "no route");
}

TEST(Settlement, SenderIsWarnedOnceForEachAge) {
    AgeLimits limits;
    limits.warn_after = {hours(24), hours(48)};
    EXPECT_FALSE(is_warning_due(hours(23), limits, {}));
    EXPECT_TRUE(is_warning_due(hours(24), limits, {}));
    EXPECT_FALSE(is_warning_due(hours(47), limits, hours(24)));
    EXPECT_TRUE(is_warning_due(hours(48), limits, hours(25)));
    EXPECT_FALSE(is_warning_due(hours(99), limits, hours(48)));
    EXPECT_FALSE(is_warning_due(hours(99), AgeLimits{}, {}));
}

TEST(Settlement, WarnedRecipientStays) {
    AgeLimits limits;
    limits.warn_after = {hours(24)};
    const auto s =
        settle({recipient()}, {Disposition::deferred({4, 4, 1}, "no route")}, hours(25), limits);
    EXPECT_EQ(s.recipients[0].fate, Fate::stays);
    EXPECT_EQ(s.recipients[0].notice, Notice::delayed);
    EXPECT_EQ(s.action, FileAction::next_attempt);
}

TEST(Settlement, WhoCanOnlyBeHeldPartsFromThoseThatAreWaitedFor) {
    auto s = settle(
        {recipient(), recipient(), recipient()},
        {Disposition::delivered(), Disposition::deferred({4, 2, 2}, "full"),
         Disposition::failed({5, 1, 1}, "no")},
        hours(1), {}
    );
    s.recipients[2].fate = Fate::stays;
    settle_file(s, {false, false, true});
    EXPECT_EQ(s.action, FileAction::divide);
    EXPECT_EQ(s.recipients[2].fate, Fate::stays_alone);
    s.recipients[1].fate = Fate::delivered;
    settle_file(s, {false, false, true});
    EXPECT_EQ(s.action, FileAction::hold);
    EXPECT_EQ(s.recipients[2].fate, Fate::stays);
}

}  // namespace
}  // namespace sluice::dequeue
