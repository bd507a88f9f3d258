#include "dequeue/message_worker.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "queue/scan.h"
#include "support/site.h"

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

class MessageWorkerTest : public testing::Test {
protected:
    MessageWorkerTest() {
        char name[] = "/tmp/sluice-dequeue-XXXXXX";
        directory_ = ::mkdtemp(name);
        for (const char* part : {"/queue", "/log", "/run"}) fs::create_directory(directory_ + part);
        fs::permissions(directory_ + "/queue", fs::perms::owner_all);
        std::string tailor = "IMTA_ROOT=/site/\n";
        for (const std::string part : {"queue", "log", "run"})
            tailor += "IMTA_" + to_upper(part) + '=' + directory_ + '/' + part + "/\n";
        site_ = test::make_site({{"imta_tailor", tailor}});
        runtime_ = std::move(enqueue::Runtime::open(site_).value());
        channel_ = site_->imta.channels.find("l");
        worker_ = std::make_unique<MessageWorker>(*runtime_, *channel_, deliverer_, 1);
    }
    ~MessageWorkerTest() override { fs::remove_all(directory_); }

    jobs::WorkItem enqueue(const std::vector<std::string>& addresses) {
        enqueue::Submission submission;
        submission.source_channel = "tcp_local";
        submission.source_host = "tcp_local-daemon";
        submission.sender = "amy@siroe.edu";
        submission.owner = "mail";
        for (const std::string& address : addresses) {
            enqueue::SubmittedRecipient recipient;
            recipient.destination.channel = "l";
            recipient.destination.address = address;
            submission.recipients.push_back(recipient);
            deliverer_.answers.push_back(Disposition::delivered());
        }
        enqueue::MessageBuilder builder(
            runtime_->site(), site_->imta.channels, runtime_->limits(), std::move(submission), {}
        );
        EXPECT_TRUE(builder.append("Subject: x\r\n\r\nHello\r\n"));
        auto prepared = builder.finish();
        EXPECT_TRUE(std::move(*prepared).commit(runtime_->site()));
        return item_of(queued().at(0));
    }
    static jobs::WorkItem item_of(const queue::MessageLocation& location) {
        jobs::WorkItem item;
        item.file = location.sub_directory + '/' + location.name.to_string();
        return item;
    }
    std::vector<queue::MessageLocation> queued() {
        std::vector<queue::MessageLocation> found;
        queue::ScanVisitor visitor;
        visitor.message = [&](const queue::ScannedMessage& message) {
            found.push_back(message.location());
        };
        EXPECT_TRUE(queue::scan_queue(runtime_->store(), visitor));
        return found;
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

    std::string directory_;
    config::ConfigurationPtr site_;
    std::unique_ptr<enqueue::Runtime> runtime_;
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
TEST_F(MessageWorkerTest, MessageThatCannotBeRemovedIsNotDeliveredAgain) {
    const jobs::WorkItem item = enqueue({"adam", "eve"});
    deliverer_.meanwhile = [&] { block_name(item); };
    EXPECT_EQ(worker_->handle(item).outcome, jobs::Outcome::locked);
    EXPECT_EQ(deliverer_.delivered, 2U);
    unblock_name(item);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_EQ(worker_->handle(item).outcome, jobs::Outcome::ok);
    EXPECT_EQ(deliverer_.delivered, 2U);
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

}  // namespace
}  // namespace sluice::dequeue
