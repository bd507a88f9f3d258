#include "dequeue/ageing.h"

#include <filesystem>

#include "base/file.h"
#include "queue_fixture.h"

namespace sluice::dequeue {
namespace {

using std::chrono::hours;

class AgeingTest : public QueueFixture {
protected:
    explicit AgeingTest(std::map<std::string, std::string> changes = {})
        : QueueFixture(std::move(changes)) {}

    void enqueue(
        hours age,
        const std::string& sender = "amy@siroe.edu",
        unsigned notify = queue::default_notify,
        const std::string& address = "adam"
    ) {
        enqueue::Submission message = submission(sender);
        message.enqueued = runtime_->store().clock().wall_now() - age;
        message.recipients.push_back(recipient("l", address));
        message.recipients.back().notify = notify;
        put(std::move(message));
    }
    AgeingReport age() {
        const auto report = age_queue(*runtime_);
        EXPECT_TRUE(report);
        return report.value();
    }
    std::string only_notice() {
        const auto notices = queued("process");
        EXPECT_EQ(notices.size(), 1U);
        return notices.empty() ? std::string() : content_of(notices[0]);
    }
};

TEST_F(AgeingTest, YoungMailIsLeftAlone) {
    enqueue(hours(23));
    EXPECT_EQ(age().acted_on, 0U);
    EXPECT_EQ(queued("l").at(0).name.attempts, 0U);
    EXPECT_TRUE(queued("process").empty());
}

// notices 1 2 4 7 in the shipped configuration.
TEST_F(AgeingTest, SenderIsWarnedOnceForEachAge) {
    enqueue(hours(25));
    EXPECT_EQ(age().acted_on, 1U);
    EXPECT_NE(only_notice().find("Action: delayed"), std::string::npos);
    EXPECT_EQ(age().acted_on, 0U);
    EXPECT_EQ(queued("process").size(), 1U);
    // Nobody tried: the name and the history say nothing of an attempt.
    EXPECT_EQ(queued("l").at(0).name.attempts, 0U);
    const auto history = opened(queued("l").at(0)).history();
    ASSERT_TRUE(history);
    ASSERT_EQ(history->size(), 1U);
    EXPECT_EQ(history->at(0).code, queue::HistoryCode::delay_warning);
}

TEST_F(AgeingTest, MissedAgesAreNotMadeUpFor) {
    enqueue(hours(24 * 5));
    EXPECT_EQ(age().acted_on, 1U);
    EXPECT_NE(only_notice().find("waiting here for 5 days"), std::string::npos);
    EXPECT_EQ(age().acted_on, 0U);
}

TEST_F(AgeingTest, TooOldGoesBack) {
    enqueue(hours(24 * 7));
    EXPECT_EQ(age().acted_on, 1U);
    EXPECT_TRUE(queued("l").empty());
    const std::string notice = only_notice();
    EXPECT_NE(notice.find("Status: 5.4.7"), std::string::npos);
    EXPECT_NE(notice.find("delivery was not attempted"), std::string::npos);
    EXPECT_EQ(notice.find("Last-Attempt-Date"), std::string::npos);
}

TEST_F(AgeingTest, LastAttemptIsWhatTheSenderHearsOf) {
    enqueue(hours(24 * 7));
    auto file = queue::MessageFile::open(runtime_->store(), queued("l").at(0), queue::Access::own);
    ASSERT_TRUE(file);
    queue::HistoryRecord tried;
    tried.when = runtime_->store().clock().wall_now() - hours(5);
    tried.channel = "l";
    tried.recipient = "adam";
    tried.host = "mx.example.com";
    tried.text = "no answer there";
    file->append_history(tried);
    file = queue::MessageFile::open(runtime_->store(), queued("l").at(0), queue::Access::read);
    EXPECT_EQ(age().acted_on, 1U);
    const std::string notice = only_notice();
    EXPECT_NE(notice.find("no answer there"), std::string::npos);
    EXPECT_NE(notice.find("Remote-MTA: dns;mx.example.com"), std::string::npos);
    EXPECT_NE(notice.find("Last-Attempt-Date: "), std::string::npos);
}

TEST_F(AgeingTest, WhatNobodyMayBeToldAboutGoesSilently) {
    enqueue(hours(24 * 7), "amy@siroe.edu", queue::notify_never);
    EXPECT_EQ(age().acted_on, 1U);
    EXPECT_TRUE(queued().empty());
}

TEST_F(AgeingTest, WhoDoesNotWantWarningsGetsNone) {
    enqueue(hours(25), "amy@siroe.edu", queue::notify_failure);
    EXPECT_EQ(age().acted_on, 0U);
    EXPECT_TRUE(queued("process").empty());
}

TEST_F(AgeingTest, FailingMailOfThePostmasterIsHeld) {
    enqueue(hours(24 * 8), "", queue::default_notify, "postmaster");
    EXPECT_EQ(age().acted_on, 1U);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_EQ(queued()[0].name.state(), queue::MessageState::held);
}

TEST_F(AgeingTest, MessageInDeliveryIsLeftToItsWorker) {
    enqueue(hours(24 * 8));
    auto worker =
        queue::MessageFile::open(runtime_->store(), queued("l").at(0), queue::Access::own);
    ASSERT_TRUE(worker);
    const AgeingReport report = age();
    EXPECT_EQ(report.busy, 1U);
    EXPECT_EQ(report.acted_on, 0U);
    EXPECT_EQ(queued("l").size(), 1U);
}

TEST_F(AgeingTest, HeldMailDoesNotAge) {
    enqueue(hours(24 * 30));
    auto file = queue::MessageFile::open(runtime_->store(), queued("l").at(0), queue::Access::own);
    ASSERT_TRUE(file && file->hold({"l", 1, 1}, "operator x"));
    file = queue::MessageFile::open(runtime_->store(), queued("l").at(0), queue::Access::read);
    EXPECT_EQ(age().messages, 0U);
    EXPECT_EQ(queued("l").size(), 1U);
}

// A bounce that cannot be queued must not cost the message.
TEST_F(AgeingTest, MessageStaysWhereItsNotificationCannotBeQueued) {
    enqueue(hours(24 * 8));
    std::filesystem::remove_all(directory_ + "/queue/process");
    ASSERT_TRUE(replace_file(directory_ + "/queue/process", "in the way"));
    EXPECT_EQ(age().acted_on, 0U);
    EXPECT_EQ(queued("l").at(0).name.attempts, 0U);
}

class RuledAgeingTest : public AgeingTest {
protected:
    RuledAgeingTest()
        : AgeingTest(
              {{"option.dat", "HELD_MAX_AGE=10d\nRETURN_UNITS=1\n"},
               {"mappings", "DEQUEUE_ACCESS\n\n  l|*|*|amy@waits.example|*  $N\n"}}
          ) {}
};

TEST_F(RuledAgeingTest, AgesMayCountInHours) {
    enqueue(hours(1));
    EXPECT_EQ(age().acted_on, 1U);
    EXPECT_NE(only_notice().find("waiting here for 1 hour and"), std::string::npos);
}

// What waits because the site wants it to is no failing delivery.
TEST_F(RuledAgeingTest, MailThatARuleHoldsBackIsDeferred) {
    enqueue(hours(2), "amy@waits.example");
    EXPECT_EQ(age().acted_on, 1U);
    const std::string notice = only_notice();
    EXPECT_NE(notice.find("held back on purpose"), std::string::npos);
    EXPECT_NE(notice.find("Action: delayed"), std::string::npos);
    EXPECT_NE(notice.find("Will-Retry-Until: "), std::string::npos);
}

TEST_F(RuledAgeingTest, HeldMailGoesBackAtTheAgeOfItsOwn) {
    for (const std::string sender : {"amy@siroe.edu", ""}) {
        enqueue(hours(24 * 11), sender);
        auto file =
            queue::MessageFile::open(runtime_->store(), queued("l").back(), queue::Access::own);
        ASSERT_TRUE(file && file->hold({"l", 1, 1}, "operator x"));
        file = queue::MessageFile::open(runtime_->store(), file->location(), queue::Access::read);
        const bool has_sender = !sender.empty();
        EXPECT_EQ(age().acted_on, has_sender ? 1U : 0U);
        EXPECT_EQ(queued("l").empty(), has_sender);
    }
    const std::string notice = only_notice();
    EXPECT_NE(notice.find("returning your message"), std::string::npos);
    EXPECT_NE(notice.find("held for too long"), std::string::npos);
}

}  // namespace
}  // namespace sluice::dequeue
