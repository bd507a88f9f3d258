#include "dequeue/message_worker.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "base/file.h"
#include "dequeue/notice_sender.h"
#include "queue/deletion_mark.h"
#include "queue_fixture.h"

namespace sluice::dequeue {
namespace {

namespace fs = std::filesystem;

/// Reports what the test says, and counts.
class ScriptedDeliverer final : public Deliverer {
public:
    std::function<void()> meanwhile = [] {};
    std::vector<Disposition> answers;  ///< by index in the envelope
    std::size_t delivered = 0;

    std::vector<Disposition>
    deliver(queue::MessageFile&, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        meanwhile();
        std::vector<Disposition> dispositions;
        for (const std::size_t i : recipients) dispositions.push_back(answers.at(i));
        delivered += recipients.size();
        return dispositions;
    }
};

class MessageWorkerTest : public QueueFixture {
protected:
    MessageWorkerTest() : QueueFixture({{"imta.cnf", imta_cnf()}}) {
        channel_ = site_->imta.channels.find("l");
        worker_ = std::make_unique<MessageWorker>(*runtime_, *channel_, deliverer_, 1);
    }

    static std::string imta_cnf() {
        return read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value() +
               "\ntcp_watched smtp sendpost\ntcp_watched-daemon\n"
               "\ntcp_calm smtp sendpost nowarnpost\ntcp_calm-daemon\n";
    }
    jobs::WorkItem enqueue(
        const std::vector<std::string>& addresses,
        const std::string& sender = "amy@siroe.edu",
        std::chrono::seconds age = std::chrono::seconds(0)
    ) {
        enqueue::Submission message = submission(sender);
        message.enqueued = runtime_->store().clock().wall_now() - age;
        for (const std::string& address : addresses) {
            message.recipients.push_back(recipient("l", address));
            deliverer_.answers.push_back(Disposition::delivered());
        }
        put(std::move(message));
        return item_of(queued("l").at(0));
    }
    [[nodiscard]] std::string path_of(const jobs::WorkItem& item) const {
        return directory_ + "/queue/l/" + item.file;
    }
    /// From now on the name of the message cannot be removed; the open file is the same.
    void block_name(const jobs::WorkItem& item) const {
        fs::rename(path_of(item), directory_ + "/aside");
        fs::create_directory(path_of(item));
    }
    void unblock_name(const jobs::WorkItem& item) const {
        fs::remove(path_of(item));
        fs::rename(directory_ + "/aside", path_of(item));
    }

    const channel::Channel* channel_ = nullptr;
    ScriptedDeliverer deliverer_;
    std::unique_ptr<MessageWorker> worker_;
};

TEST_F(MessageWorkerTest, DeliveredMessageLeavesTheQueue) {
    EXPECT_EQ(worker_->handle(enqueue({"adam", "eve"})).outcome, jobs::Outcome::ok);
    EXPECT_EQ(deliverer_.delivered, 2U);
    EXPECT_TRUE(queued().empty());
}

TEST_F(MessageWorkerTest, TemporaryFailureCountsInTheName) {
    const jobs::WorkItem item = enqueue({"adam"});
    deliverer_.answers[0] = Disposition::deferred({4, 2, 1}, "not now");
    const jobs::DoneItem done = worker_->handle(item);
    EXPECT_EQ(done.outcome, jobs::Outcome::temp);
    EXPECT_EQ(done.reason, "not now");
    EXPECT_EQ(queued().at(0).name.attempts, 1U);
    EXPECT_EQ(done.new_file, item_of(queued().at(0)).file);
}

TEST_F(MessageWorkerTest, WhoIsNotReachedYetGetsAFileOfTheirOwn) {
    const jobs::WorkItem item = enqueue({"adam", "eve"});
    deliverer_.answers[1] = Disposition::deferred({4, 2, 1}, "not now");
    const jobs::DoneItem done = worker_->handle(item);
    EXPECT_EQ(done.outcome, jobs::Outcome::renamed);
    EXPECT_EQ(done.recipients, 1U);
    ASSERT_EQ(queued().size(), 1U);
    auto rest = queue::MessageFile::open(runtime_->store(), queued()[0], queue::Access::read);
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->envelope().recipients.at(0).address, "eve");
}

// A queue directory that has become read-only must not make a message go out once a minute.
TEST_F(MessageWorkerTest, WhatIsDeletedMeanwhileGoesToNobodyElse) {
    const auto item = enqueue({"amy@example.com", "eve@example.com", "joe@example.com"});
    deliverer_.answers[1] = Disposition::deferred({4, 2, 0}, "later");
    deliverer_.answers[2] = Disposition::failed({5, 1, 1}, "no such user");
    const auto location = queue::MessageLocation::parse("l/" + item.file);
    deliverer_.meanwhile = [&] {
        ASSERT_TRUE(queue::mark_for_deletion(runtime_->store(), *location));
    };
    EXPECT_EQ(worker_->handle(item).outcome, jobs::Outcome::ok);
    EXPECT_TRUE(queued("l").empty());
    EXPECT_TRUE(queued("process").empty()) << "nobody is told";
    EXPECT_FALSE(queue::is_marked_for_deletion(runtime_->store(), *location));
}

TEST_F(MessageWorkerTest, WhatWasDeletedBeforeIsNotTried) {
    const auto item = enqueue({"amy@example.com"});
    const auto location = queue::MessageLocation::parse("l/" + item.file);
    ASSERT_TRUE(queue::mark_for_deletion(runtime_->store(), *location));
    EXPECT_EQ(worker_->handle(item).outcome, jobs::Outcome::ok);
    EXPECT_EQ(deliverer_.delivered, 0U);
    EXPECT_TRUE(queued("l").empty());
}

TEST_F(MessageWorkerTest, MessageThatCannotBeRemovedIsNotDeliveredAgain) {
    const jobs::WorkItem item = enqueue({"adam", "eve"});
    deliverer_.meanwhile = [&] { block_name(item); };
    EXPECT_EQ(worker_->handle(item).outcome, jobs::Outcome::locked);
    EXPECT_EQ(deliverer_.delivered, 2U);
    unblock_name(item);
    ASSERT_EQ(queued().size(), 1U);
    // Nothing was tried, so nothing was learnt of the host.
    EXPECT_EQ(worker_->handle(item).outcome, jobs::Outcome::gone);
    EXPECT_EQ(deliverer_.delivered, 2U);
    EXPECT_TRUE(queued().empty());
}

/// No file grows meanwhile, as on a full disk.
class NoRoom {
public:
    NoRoom() {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~NoRoom() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    NoRoom(const NoRoom&) = delete;
    NoRoom& operator=(const NoRoom&) = delete;

private:
    rlimit before_{};
};

TEST_F(MessageWorkerTest, WhoWasServedOnAFullDiskIsNotServedAgain) {
    const jobs::WorkItem item = enqueue({"adam", "eve"});
    deliverer_.answers[1] = Disposition::deferred({4, 2, 1}, "not now");
    std::optional<NoRoom> full;
    deliverer_.meanwhile = [&] { full.emplace(); };
    EXPECT_EQ(worker_->handle(item).outcome, jobs::Outcome::temp);
    EXPECT_EQ(deliverer_.delivered, 2U);
    ASSERT_EQ(queued().size(), 1U);
    // Still full: eve alone is tried.
    deliverer_.meanwhile = [] {};
    EXPECT_EQ(worker_->handle(item_of(queued()[0])).outcome, jobs::Outcome::temp);
    EXPECT_EQ(deliverer_.delivered, 3U);
    full.reset();
    // With room the file says so itself.
    EXPECT_EQ(worker_->handle(item_of(queued()[0])).outcome, jobs::Outcome::temp);
    EXPECT_EQ(deliverer_.delivered, 4U);
    auto file = opened(queued().at(0));
    EXPECT_EQ(file.unfinished().value(), std::vector<std::size_t>{1});
    deliverer_.answers[1] = Disposition::delivered();
    EXPECT_EQ(worker_->handle(item_of(queued()[0])).outcome, jobs::Outcome::ok);
    EXPECT_EQ(deliverer_.delivered, 5U);
    EXPECT_TRUE(queued().empty());
}

TEST_F(MessageWorkerTest, BounceThatCannotBeQueuedKeepsTheRecipient) {
    const jobs::WorkItem item = enqueue({"adam"});
    deliverer_.answers[0] = Disposition::failed({5, 1, 1}, "no such user");
    std::ofstream(directory_ + "/queue/process") << "in the way";
    EXPECT_EQ(worker_->handle(item).outcome, jobs::Outcome::temp);
    EXPECT_EQ(queued().size(), 1U);
    fs::remove(directory_ + "/queue/process");
    EXPECT_EQ(worker_->handle(item_of(queued().at(0))).outcome, jobs::Outcome::ok);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_EQ(queued()[0].channel, "process");
}

TEST_F(MessageWorkerTest, SenderHearsOfADelayOnce) {
    enqueue({"adam"}, "amy@siroe.edu", std::chrono::hours(25));  // notices 1 2 4 7
    deliverer_.answers[0] = Disposition::deferred({4, 2, 1}, "not now");
    EXPECT_EQ(worker_->handle(item_of(queued("l").at(0))).outcome, jobs::Outcome::temp);
    ASSERT_EQ(queued("process").size(), 1U);
    const std::string notice = content_of(queued("process")[0]);
    EXPECT_NE(notice.find("Action: delayed"), std::string::npos);
    EXPECT_NE(notice.find("Will-Retry-Until: "), std::string::npos);
    EXPECT_EQ(worker_->handle(item_of(queued("l").at(0))).outcome, jobs::Outcome::temp);
    EXPECT_EQ(queued("process").size(), 1U);
}

TEST_F(MessageWorkerTest, WhoWaitsAloneIsNotWarnedAgainForTheSameAge) {
    enqueue({"adam", "eve"}, "amy@siroe.edu", std::chrono::hours(49));
    deliverer_.answers[1] = Disposition::deferred({4, 2, 1}, "not now");
    EXPECT_EQ(worker_->handle(item_of(queued("l").at(0))).outcome, jobs::Outcome::renamed);
    EXPECT_EQ(queued("process").size(), 1U);
    deliverer_.answers = {Disposition::deferred({4, 2, 1}, "not now")};
    EXPECT_EQ(worker_->handle(item_of(queued("l").at(0))).outcome, jobs::Outcome::temp);
    EXPECT_EQ(queued("process").size(), 1U);
    const auto history = opened(queued("l").at(0)).history();
    ASSERT_TRUE(history);
    EXPECT_EQ(history->at(0).code, queue::HistoryCode::delay_warning);
    EXPECT_EQ(history->at(1).code, queue::HistoryCode::others_delivered);
    EXPECT_EQ(history->at(2).code, queue::HistoryCode::temporary_failure);
}

TEST_F(MessageWorkerTest, TooOldIsReturnedWithItsAge) {
    enqueue({"adam"}, "amy@siroe.edu", std::chrono::hours(24 * 7));
    deliverer_.answers[0] = Disposition::deferred({4, 2, 1}, "not now");
    EXPECT_EQ(worker_->handle(item_of(queued("l").at(0))).outcome, jobs::Outcome::ok);
    ASSERT_EQ(queued().size(), 1U);
    const std::string notice = content_of(queued("process").at(0));
    EXPECT_NE(notice.find("Status: 5.4.7"), std::string::npos);
    EXPECT_NE(notice.find("7 days"), std::string::npos) << notice;
}

// Nobody is left to tell, and an attempt every few hours until the message expires helps nobody.
TEST_F(MessageWorkerTest, FailingMailOfThePostmasterIsHeld) {
    enqueue({"adam", "postmaster"}, "");
    deliverer_.answers[1] = Disposition::failed({5, 2, 1}, "mailbox disabled");
    EXPECT_EQ(worker_->handle(item_of(queued("l").at(0))).outcome, jobs::Outcome::held);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_EQ(queued()[0].name.state(), queue::MessageState::held);
    queue::MessageFile file = opened(queued()[0]);
    EXPECT_EQ(
        file.hold_reason().value(),
        "policy: mail for the postmaster cannot be delivered: mailbox disabled"
    );
    EXPECT_EQ(file.unfinished().value(), (std::vector<std::size_t>{1}));
}

TEST_F(MessageWorkerTest, ChannelMayAskForItsMessageToBeHeld) {
    enqueue({"adam"});
    deliverer_.answers[0] = Disposition::held("conversion: a look at it");
    EXPECT_EQ(worker_->handle(item_of(queued("l").at(0))).outcome, jobs::Outcome::held);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_EQ(queued()[0].name.state(), queue::MessageState::held);
    EXPECT_EQ(opened(queued()[0]).hold_reason().value(), "conversion: a look at it");
}

// The postmaster's copy is a message of its own here; if it cannot be queued, neither is the other.
TEST_F(MessageWorkerTest, NoticesOfOneFailureAreQueuedTogether) {
    enqueue({"adam", "eve"});
    queue::MessageFile file = opened(queued("l").at(0));
    std::vector<queue::Recipient> recipients = file.envelope().recipients;
    recipients[1].notify = queue::notify_success;  // nothing for the sender: the lists differ
    const Disposition failure = Disposition::failed({5, 1, 1}, "no such user");
    const std::vector<NoticeItem> items = {
        {&recipients[0], &failure, failure.status}, {&recipients[1], &failure, failure.status}};
    auto prepared = prepare_notice(
        *runtime_, *site_->imta.channels.find("tcp_watched"), file, Notice::failed, items,
        runtime_->store().clock().wall_now()
    );
    ASSERT_TRUE(prepared);
    ASSERT_EQ(prepared->messages.size(), 2U);
    EXPECT_TRUE(queued("process").empty());
    fs::rename(directory_ + "/queue/process/000", directory_ + "/queue/process/aside");
    EXPECT_FALSE(
        enqueue::PreparedMessage::commit_together(std::move(prepared->messages), runtime_->site())
    );
    EXPECT_TRUE(queued("process").empty());
}

// Failures and warnings have keywords of their own; those for failures decide for both where
// nothing is said about warnings.
TEST_F(MessageWorkerTest, PostmasterIsWarnedAsTheChannelSays) {
    enqueue({"adam"});
    queue::MessageFile file = opened(queued("l").at(0));
    const queue::Recipient& recipient = file.envelope().recipients[0];
    const Disposition delay = Disposition::deferred({4, 4, 1}, "no answer");
    const std::vector<NoticeItem> items(1, NoticeItem{&recipient, &delay, delay.status});
    const auto told = [&](const char* channel) {
        auto prepared = prepare_notice(
            *runtime_, *site_->imta.channels.find(channel), file, Notice::delayed, items,
            runtime_->store().clock().wall_now()
        );
        EXPECT_TRUE(prepared);
        EXPECT_TRUE(enqueue::PreparedMessage::commit_together(
            std::move(prepared->messages), runtime_->site()
        ));
        std::vector<std::string> addresses;
        for (const auto& location : queued("process")) {
            const queue::MessageFile notice = opened(location);
            for (const queue::Recipient& to : notice.envelope().recipients)
                addresses.push_back(to.address);
            fs::remove(directory_ + "/queue/" + location.relative_path());
        }
        return addresses;
    };
    EXPECT_EQ(told("tcp_watched").size(), 2U);
    EXPECT_EQ(told("tcp_calm"), std::vector<std::string>{"amy@siroe.edu"});
}

}  // namespace
}  // namespace sluice::dequeue
