#include "notify/recipients.h"

#include <gtest/gtest.h>

#include "log/event.h"

namespace sluice::notify {
namespace {

namespace notary = log::notary;
using Indices = std::vector<std::size_t>;

NoticeRecipient with_flags(unsigned flags, std::string address = "a@b.example") {
    NoticeRecipient recipient;
    recipient.notary_flags = flags;
    recipient.final_address = std::move(address);
    return recipient;
}

PlanSettings rule(PostmasterRule both) {
    PlanSettings settings;
    settings.failures = settings.warnings = both;
    settings.postmaster = "postmaster@sesta.com";
    return settings;
}

struct CopyCase {
    const char* name;
    PostmasterRule rule;
    const char* sender;
    unsigned flags;
    bool to_sender;
    bool to_postmaster;
};
class PostmasterCopies : public testing::TestWithParam<CopyCase> {};

TEST_P(PostmasterCopies, FollowTheTableForFailuresAndWarnings) {
    const CopyCase& c = GetParam();
    for (const NoticeKind kind :
         {NoticeKind::failed, NoticeKind::bounced, NoticeKind::timed_out, NoticeKind::delayed}) {
        const NoticePlan plan = plan_notice(kind, c.sender, {with_flags(c.flags)}, rule(c.rule));
        EXPECT_EQ(!plan.for_sender.empty(), c.to_sender);
        EXPECT_EQ(!plan.for_postmaster.empty(), c.to_postmaster);
        EXPECT_EQ(plan.unreported.empty(), c.to_sender);
        EXPECT_FALSE(plan.hold);
    }
}
constexpr unsigned usual = notary::usual;
INSTANTIATE_TEST_SUITE_P(
    Rules,
    PostmasterCopies,
    testing::Values(
        CopyCase{"usual", PostmasterRule::usual, "s@x", usual, true, true},
        CopyCase{"usual_null", PostmasterRule::usual, "", usual, false, false},
        CopyCase{"send", PostmasterRule::always, "s@x", usual, true, true},
        CopyCase{"send_null", PostmasterRule::always, "", usual, false, true},
        CopyCase{"copy", PostmasterRule::copy, "s@x", usual, true, true},
        CopyCase{"copy_null", PostmasterRule::copy, "", usual, false, false},
        CopyCase{"err", PostmasterRule::on_error, "s@x", usual, true, false},
        CopyCase{"err_null", PostmasterRule::on_error, "", usual, false, true},
        CopyCase{"no", PostmasterRule::never, "s@x", usual, true, false},
        CopyCase{"no_null", PostmasterRule::never, "", usual, false, false},
        CopyCase{"never_usual", PostmasterRule::usual, "s@x", notary::never, false, false},
        CopyCase{"never_send", PostmasterRule::always, "s@x", notary::never, false, true},
        CopyCase{"never_err", PostmasterRule::on_error, "s@x", notary::never, false, false},
        CopyCase{"only_success", PostmasterRule::usual, "s@x", notary::on_success, false, false},
        CopyCase{"to_self", PostmasterRule::usual, "Postmaster@sesta.com", usual, true, false}
    ),
    [](const auto& test) { return test.param.name; }
);

struct NotifyCase {
    unsigned flags;
    bool failure, delay, success;
};
class NotifyFlags : public testing::TestWithParam<NotifyCase> {};
TEST_P(NotifyFlags, DecideWhichKindsTheSenderSees) {
    const auto told = [&](NoticeKind kind) {
        const auto plan =
            plan_notice(kind, "s@x", {with_flags(GetParam().flags)}, rule(PostmasterRule::never));
        return !plan.for_sender.empty();
    };
    EXPECT_EQ(told(NoticeKind::failed), GetParam().failure);
    EXPECT_EQ(told(NoticeKind::delayed), GetParam().delay);
    EXPECT_EQ(told(NoticeKind::delivered), GetParam().success);
    EXPECT_EQ(told(NoticeKind::relayed), GetParam().success);
}
INSTANTIATE_TEST_SUITE_P(
    Flags,
    NotifyFlags,
    testing::Values(
        NotifyCase{notary::usual, true, true, false},
        NotifyCase{notary::never, false, false, false},
        NotifyCase{notary::on_failure, true, false, false},
        NotifyCase{notary::on_success, false, false, true},
        NotifyCase{notary::on_delay, false, true, false},
        NotifyCase{notary::usual | notary::on_success | notary::had_parameters, true, true, true},
        NotifyCase{notary::never | notary::on_failure, true, false, false}
    )
);

TEST(NoticePlan, TellsEachRecipientApart) {
    const NoticePlan plan = plan_notice(
        NoticeKind::failed, "s@x",
        {with_flags(usual), with_flags(notary::never), with_flags(usual)},
        rule(PostmasterRule::usual)
    );
    EXPECT_EQ(plan.for_sender, (Indices{0, 2}));
    EXPECT_EQ(plan.for_postmaster, (Indices{0, 2}));
    EXPECT_EQ(plan.unreported, (Indices{1}));
    EXPECT_TRUE(plan.shares_one_message());
    EXPECT_FALSE(plan.is_silent());
}

TEST(NoticePlan, PostmasterGetsNoCopyOfReceipts) {
    const auto plan = plan_notice(
        NoticeKind::delivered, "s@x", {with_flags(notary::on_success)}, rule(PostmasterRule::always)
    );
    EXPECT_EQ(plan.for_sender, (Indices{0}));
    EXPECT_TRUE(plan.for_postmaster.empty());
    PlanSettings disabled = rule(PostmasterRule::always);
    disabled.disable_delivery_receipt = true;
    EXPECT_TRUE(
        plan_notice(NoticeKind::delivered, "s@x", {with_flags(notary::on_success)}, disabled)
            .is_silent()
    );
}

TEST(NoticePlan, PostmasterIsToldInsteadOfASenderOutOfReach) {
    PlanSettings settings = rule(PostmasterRule::on_error);
    settings.sender_unreachable = true;
    const auto plan = plan_notice(NoticeKind::failed, "s@x", {with_flags(usual)}, settings);
    EXPECT_TRUE(plan.for_sender.empty());
    EXPECT_EQ(plan.for_postmaster, (Indices{0}));
}

TEST(NoticePlan, FailingMailToThePostmasterIsHeldAndNotReported) {
    const auto recipient = with_flags(usual, "Postmaster@Sesta.com");
    const auto plan =
        plan_notice(NoticeKind::failed, "", {recipient}, rule(PostmasterRule::always));
    EXPECT_TRUE(plan.hold);
    EXPECT_TRUE(plan.is_silent());
    EXPECT_FALSE(
        plan_notice(NoticeKind::failed, "s@x", {recipient}, rule(PostmasterRule::usual)).hold
    );
}

// With RETURN_ENVELOPE notifications come from the postmaster: theirs must not go round either.
TEST(NoticePlan, FailingMailOfThePostmasterToHimselfIsHeld) {
    const auto recipient = with_flags(usual, "postmaster@sesta.com");
    EXPECT_TRUE(plan_notice(
                    NoticeKind::failed, "postmaster@sesta.com", {recipient},
                    rule(PostmasterRule::usual)
    )
                    .hold);
}

TEST(NoticePlan, BlankFieldsOfTheHeaderSuppressFailuresAndWarnings) {
    PlanSettings settings = rule(PostmasterRule::usual);
    settings.error_returns_suppressed = true;
    for (const NoticeKind kind : {NoticeKind::failed, NoticeKind::delayed})
        EXPECT_TRUE(plan_notice(kind, "amy@x", {with_flags(usual)}, settings).is_silent());
    const auto success = plan_notice(
        NoticeKind::delivered, "amy@x", {with_flags(usual | notary::on_success)}, settings
    );
    EXPECT_EQ(success.for_sender.size(), 1U);
}

TEST(NoticeSender, IsEmptyUnlessBitZeroSaysOtherwise) {
    EXPECT_EQ(notice_sender(0, "p@x"), "");
    EXPECT_EQ(notice_sender(1, "p@x"), "p@x");
    EXPECT_EQ(notice_sender(2, "p@x"), "");
    EXPECT_EQ(notice_sender(3, "p@x"), "p@x");
}

}  // namespace
}  // namespace sluice::notify
