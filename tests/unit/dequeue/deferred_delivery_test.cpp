// Keyword deferred: what the header asks, and what becomes of the message.
#include "dequeue/deferred_delivery.h"

#include <gtest/gtest.h>

#include "dequeue/message_worker.h"
#include "message/date.h"
#include "queue_fixture.h"

namespace sluice::dequeue {
namespace {

using namespace std::chrono_literals;

const WallTime noon =
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / 21) + 12h;

TEST(DeferredFor, TimeToWait) {
    EXPECT_EQ(
        deferred_for(
            "Subject: x\r\ndeferred-delivery: Sat, 21 Nov 2026 14:00:00 +0100 (later)\r\n\r\n", noon
        ),
        1h
    );
    EXPECT_EQ(deferred_for("Deferred-Delivery: 22 Nov 2026 12:00 GMT\r\n\r\n", noon), 24h);
}

TEST(DeferredFor, NothingToWaitFor) {
    for (const char* header :
         {"Subject: x\r\n\r\n", "Deferred-delivery: 21 Nov 2026 12:00:00 +0000\r\n\r\n",
          "Deferred-delivery: 21 Nov 2025 12:00:00 +0000\r\n\r\n",
          "Deferred-delivery: soon\r\n\r\n", ""})
        EXPECT_EQ(deferred_for(header, noon), std::nullopt) << header;
}

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

std::string imta_cnf(const std::string& keyword) {
    return "mail.sesta.com $U%$D@l\n\nl " + keyword +
           "\nmail.sesta.com\n\ntcp_local smtp\n"
           "tcp_local-daemon\n\nprocess\nprocess-daemon\n";
}

class Deferred : public QueueFixture {
protected:
    explicit Deferred(const std::string& keyword = "deferred")
        : QueueFixture({{"imta.cnf", imta_cnf(keyword)}}) {
        channel_ = site_->imta.channels.find("l");
        worker_ = std::make_unique<MessageWorker>(*runtime_, *channel_, deliverer_, 1);
    }
    jobs::DoneItem handle_one_due_in(std::chrono::seconds time) {
        enqueue::Submission message = submission("amy@siroe.edu");
        message.recipients.push_back(recipient("l", "adam@sesta.com"));
        enqueue::MessageBuilder builder(
            runtime_->site(), site_->imta.channels, runtime_->limits(), std::move(message), {}
        );
        const WallTime due = runtime_->store().clock().wall_now() + time;
        const std::string date = message::format_date(due, TimeZone());
        EXPECT_TRUE(builder.append("Deferred-delivery: " + date + "\r\n\r\nHello\r\n"));
        EXPECT_TRUE(std::move(*builder.finish()).commit(runtime_->site()));
        return worker_->handle(item_of(queued("l").at(0)));
    }

    const channel::Channel* channel_ = nullptr;
    CountingDeliverer deliverer_;
    std::unique_ptr<MessageWorker> worker_;
};

TEST_F(Deferred, MessageWaitsForItsTimeWithoutAnAttempt) {
    const jobs::DoneItem done = handle_one_due_in(1h);
    EXPECT_EQ(done.outcome, jobs::Outcome::postponed);
    EXPECT_GT(done.delay, 3500U);
    EXPECT_LE(done.delay, 3600U);
    EXPECT_EQ(done.reason, "Deferred-delivery");
    EXPECT_EQ(deliverer_.delivered, 0U);
    EXPECT_EQ(queued("l").at(0).name.attempts, 0U);
}

TEST_F(Deferred, MessageWhoseTimeHasComeGoes) {
    EXPECT_EQ(handle_one_due_in(-1h).outcome, jobs::Outcome::ok);
    EXPECT_EQ(deliverer_.delivered, 1U);
}

class NotDeferred : public Deferred {
protected:
    NotDeferred() : Deferred("nodeferred") {}
};

TEST_F(NotDeferred, FieldIsIgnored) {
    EXPECT_EQ(handle_one_due_in(1h).outcome, jobs::Outcome::ok);
    EXPECT_EQ(deliverer_.delivered, 1U);
}

}  // namespace
}  // namespace sluice::dequeue
