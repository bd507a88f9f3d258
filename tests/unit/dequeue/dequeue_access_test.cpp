// DEQUEUE_ACCESS: what the table is asked, and what becomes of a message that it puts off.
#include "dequeue/dequeue_access.h"

#include <gtest/gtest.h>

#include "dequeue/message_worker.h"
#include "queue_fixture.h"

namespace sluice::dequeue {
namespace {

class CountingDeliverer final : public Deliverer {
public:
    std::size_t delivered = 0;
    std::vector<Disposition>
    deliver(queue::MessageFile&, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        delivered += recipients.size();
        return {recipients.size(), Disposition::delivered()};
    }
};

class DequeueAccessTest : public QueueFixture {
protected:
    DequeueAccessTest()
        : QueueFixture(
              {{"option.dat", "INCLUDE_CONVERSIONTAG=4096\nINCLUDE_RETRIES=2\n"},
               {"mappings",
                "DEQUEUE_ACCESS\n\n"
                "  l|*/queue/l/*.00|%|amy@siroe.edu||bob|4|mail.example.com|slow|0  $N$S90\n"
                "  l|*|*|eve@siroe.edu|*|*|*|sesta.com|*|*  $N\n"}}
          ) {
        channel_ = site_->imta.channels.find("l");
        worker_ = std::make_unique<MessageWorker>(*runtime_, *channel_, deliverer_, 1);
    }
    jobs::WorkItem enqueue(enqueue::Submission message) {
        message.recipients.push_back(recipient("l", "adam@sesta.com"));
        put(std::move(message));
        return item_of(queued("l").at(0));
    }

    const channel::Channel* channel_ = nullptr;
    CountingDeliverer deliverer_;
    std::unique_ptr<MessageWorker> worker_;
};

TEST_F(DequeueAccessTest, MessageIsPutOffWithoutAnAttempt) {
    enqueue::Submission message = submission("amy@siroe.edu");
    message.owner = "*bob";
    message.features = {"MT-PRIORITY=4"};
    message.conversion_tags = {"slow"};
    jobs::WorkItem item = enqueue(std::move(message));
    item.host = "mail.example.com";
    const jobs::DoneItem done = worker_->handle(item);
    EXPECT_EQ(done.outcome, jobs::Outcome::postponed);
    EXPECT_EQ(done.delay, 90U);
    EXPECT_EQ(deliverer_.delivered, 0U);
    ASSERT_EQ(queued("l").size(), 1U);
    EXPECT_EQ(queued("l")[0].name.attempts, 0U);
}

TEST_F(DequeueAccessTest, WithoutATimeTheBackoffDecides) {
    const jobs::DoneItem done = worker_->handle(enqueue(submission("eve@siroe.edu")));
    EXPECT_EQ(done.outcome, jobs::Outcome::postponed);
    EXPECT_EQ(done.delay, 0U);
}

TEST_F(DequeueAccessTest, OthersGo) {
    EXPECT_EQ(worker_->handle(enqueue(submission("bob@siroe.edu"))).outcome, jobs::Outcome::ok);
    EXPECT_EQ(deliverer_.delivered, 1U);
}

}  // namespace
}  // namespace sluice::dequeue
