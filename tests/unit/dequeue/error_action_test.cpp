#include "dequeue/error_action.h"

#include <algorithm>

#include "dequeue/message_worker.h"
#include "dequeue/notice_limit.h"
#include "mapping/answers.h"
#include "queue_fixture.h"

namespace sluice::dequeue {
namespace {

constexpr const char* actions =
    "ERROR_ACTION\n\n"
    "  unknown-user|*|*|*|*        $R\n"
    "  max-hops|*|*|*|*            $H$N\n"
    "  unreturnable|*|<>|*|*       $H\n"
    "  quota|*|*|*|5.2.2           $R$Nhelpdesk@example.com\n"
    "  size|l|*|*|*                $N$S\n"
    "  system|*|*|*|*              $D\n"
    "  expired|*|amy@siroe.edu|*|* $H\n"
    "  *|*|*|*|*                   $R\n";

class ErrorActionTest : public QueueFixture {
protected:
    ErrorActionTest() : QueueFixture({{"mappings", actions}}) {}

    std::string decided(
        StatusCode status,
        const std::string& sender = "joe@siroe.edu",
        Notice notice = Notice::failed,
        const std::string& channel = "l"
    ) {
        queue::Recipient to;
        to.address = "adam";
        RecipientOutcome outcome;
        outcome.status = status;
        outcome.notice = notice;
        mapping::NoAnswers answers;
        const ErrorCase error = error_case(channel, sender, to, outcome);
        const ErrorAction action = decide_error_action(*site_, error, answers);
        std::string text = error.condition + ':';
        if (action.hold) text += " hold";
        if (action.discard) text += " discard";
        if (action.notify) text += " notify";
        if (!action.tell_sender) text += " silent";
        if (!action.notify_address.empty()) text += ' ' + action.notify_address;
        return text;
    }
};

TEST_F(ErrorActionTest, ConditionAndFlagsAreReadFromTheTable) {
    EXPECT_EQ(decided({5, 1, 1}), "unknown-user:");
    EXPECT_EQ(decided({5, 4, 6}), "max-hops: hold notify");
    EXPECT_EQ(decided({5, 4, 6}, ""), "unreturnable: hold");
    EXPECT_EQ(decided({5, 2, 2}), "quota: notify helpdesk@example.com");
    EXPECT_EQ(decided({5, 3, 4}), "size: notify silent");
    EXPECT_EQ(decided({5, 3, 5}), "system: discard");
    EXPECT_EQ(decided({5, 4, 7}, "joe@siroe.edu", Notice::timed_out), "expired:");
    EXPECT_EQ(decided({5, 4, 7}, "amy@siroe.edu", Notice::timed_out), "expired: hold");
    EXPECT_EQ(decided({5, 7, 1}), "undeliverable:");
    EXPECT_EQ(decided({5, 1, 1}, "joe@siroe.edu", Notice::failed, "pipe"), "program-failed:");
}

/// Fails as it is told.
class Failing final : public Deliverer {
public:
    std::vector<Disposition> answers;
    std::vector<Disposition>
    deliver(queue::MessageFile&, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        std::vector<Disposition> dispositions;
        for (const std::size_t i : recipients) dispositions.push_back(answers.at(i));
        return dispositions;
    }
};

class ErrorActionAttempt : public ErrorActionTest {
protected:
    jobs::Outcome attempt(
        std::vector<Disposition> answers, const std::string& sender = "joe@siroe.edu"
    ) {
        enqueue::Submission message = submission(sender);
        for (std::size_t i = 0; i < answers.size(); ++i)
            message.recipients.push_back(recipient("l", "user" + std::to_string(i)));
        put(std::move(message));
        Failing deliverer;
        deliverer.answers = std::move(answers);
        MessageWorker worker(*runtime_, *site_->imta.channels.find("l"), deliverer, 1);
        return worker.handle(item_of(queued("l").at(0))).outcome;
    }
    std::vector<std::string> told() {
        std::vector<std::string> out;
        for (const auto& location : queued("process")) {
            const queue::MessageFile notice = opened(location);
            for (const queue::Recipient& to : notice.envelope().recipients)
                out.push_back(to.address);
        }
        std::sort(out.begin(), out.end());
        return out;
    }
};

TEST_F(ErrorActionAttempt, HeldMailKeepsItsReasonAndThePostmasterHears) {
    EXPECT_EQ(attempt({Disposition::failed({5, 4, 6}, "too many hops")}), jobs::Outcome::held);
    ASSERT_EQ(queued("l").size(), 1U);
    EXPECT_EQ(queued("l")[0].name.state(), queue::MessageState::held);
    EXPECT_EQ(opened(queued("l")[0]).hold_reason().value(), "policy: max-hops: too many hops");
    EXPECT_EQ(told(), std::vector<std::string>{"postmaster@mail.example.com"});
    const std::string notice = content_of(queued("process").at(0));
    EXPECT_NE(notice.find("Subject: Notification: max-hops\r\n"), std::string::npos);
    EXPECT_NE(notice.find("SMTP <user0>\r\n"), std::string::npos);
}

TEST_F(ErrorActionAttempt, NotifiedPostmasterComesOnTopOfTheReturn) {
    EXPECT_EQ(attempt({Disposition::failed({5, 2, 2}, "mailbox full")}), jobs::Outcome::ok);
    EXPECT_EQ(
        told(), (std::vector<std::string>{
                    "helpdesk@example.com", "joe@siroe.edu", "postmaster@mail.example.com"})
    );
}

TEST_F(ErrorActionAttempt, SenderMayBeLeftOut) {
    EXPECT_EQ(attempt({Disposition::failed({5, 3, 4}, "too large")}), jobs::Outcome::ok);
    EXPECT_EQ(told(), std::vector<std::string>{"postmaster@mail.example.com"});
}

TEST_F(ErrorActionAttempt, DiscardedMailTellsNobody) {
    EXPECT_EQ(attempt({Disposition::failed({5, 3, 5}, "broken")}), jobs::Outcome::ok);
    EXPECT_TRUE(queued().empty());
}

// What is held must not be tried with those that only wait.
TEST_F(ErrorActionAttempt, HeldRecipientsPartFromThoseThatWait) {
    EXPECT_EQ(
        attempt(
            {Disposition::failed({5, 4, 6}, "too many hops"),
             Disposition::deferred({4, 2, 1}, "not now"), Disposition::delivered()}
        ),
        jobs::Outcome::renamed
    );
    const auto files = queued("l");
    ASSERT_EQ(files.size(), 2U);
    for (const auto& location : files) {
        const queue::MessageFile file = opened(location);
        ASSERT_EQ(file.envelope().recipients.size(), 1U);
        const bool is_held = location.name.state() == queue::MessageState::held;
        EXPECT_EQ(file.envelope().recipients[0].address, is_held ? "user0" : "user1");
    }
    EXPECT_NE(files[0].name.state(), files[1].name.state());
}

TEST_F(ErrorActionAttempt, EqualErrorsAreToldOnceAnHour) {
    for (int i = 0; i < 3; ++i) {
        (void)attempt({Disposition::failed({5, 3, 4}, "too large")});
    }
    EXPECT_EQ(told().size(), 1U);
}

TEST(NoticeBudget, EndsWithTheHour) {
    const WallTime start(std::chrono::hours(400000));
    NoticeBudget budget;
    EXPECT_EQ(budget.take(start, 2, 1), 0U);
    EXPECT_EQ(budget.take(start, 2, 1), std::nullopt);  // the same error
    EXPECT_EQ(budget.take(start, 2, 2), 1U);            // says that one was kept back
    EXPECT_EQ(budget.take(start, 2, 3), std::nullopt);  // the limit
    NoticeBudget later = NoticeBudget::parse(budget.to_text());
    EXPECT_EQ(later.take(start, 2, 4), std::nullopt);
    EXPECT_EQ(later.take(start + std::chrono::hours(1), 2, 1), 2U);
}

TEST(NoticeBudget, ForeignTextCountsAsEmpty) {
    for (const char* text : {"", "x", "1 2", "1 2 x\n3", "1 2 3 4", "\n\n\n", "-1 -1 -1"}) {
        NoticeBudget budget = NoticeBudget::parse(text);
        EXPECT_TRUE(budget.take(WallTime(std::chrono::hours(400000)), 1, 1)) << text;
    }
}

}  // namespace
}  // namespace sluice::dequeue
