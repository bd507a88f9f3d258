#include "dequeue/reprocess.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "dequeue/message_worker.h"
#include "queue_fixture.h"

namespace sluice::dequeue {
namespace {

/// "both" leads to a mailbox and back to the reprocess channel, "circle" only back.
class ReprocessTest : public QueueFixture {
protected:
    ReprocessTest()
        : QueueFixture(
              {{"aliases",
                "postmaster: adam\nboth: adam, again@round.example\n"
                "circle: again@round.example\n"},
               {"imta.cnf", imta_cnf()}}
          ) {}

    static std::string imta_cnf() {
        const std::string text = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
        return "round.example $U%round.example@reprocess-daemon\n"
               "later.example $U%round.example@reprocess-daemon$1N\n"
               "later.example $U%example.com@mail.example.com$1M\n" +
               text;
    }

    jobs::Outcome reprocess(const std::vector<std::string>& addresses) {
        enqueue::Submission message = submission("amy@siroe.edu");
        message.enqueued = runtime_->store().clock().wall_now() - std::chrono::hours(30);
        for (const std::string& address : addresses)
            message.recipients.push_back(recipient("reprocess", address));
        put(std::move(message));
        return attempt();
    }

    jobs::Outcome attempt() {
        const channel::Channel& channel = *site_->imta.channels.find("reprocess");
        const auto deliverer = make_reprocessor(*runtime_, channel);
        return MessageWorker(*runtime_, channel, *deliverer, 1)
            .handle(item_of(queued("reprocess").at(0)))
            .outcome;
    }
};

TEST_F(ReprocessTest, MessageKeepsItsAge) {
    EXPECT_EQ(reprocess({"u1@example.com"}), jobs::Outcome::ok);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_LT(
        opened(queued("l").at(0)).envelope().enqueued,
        runtime_->store().clock().wall_now() - std::chrono::hours(29)
    );
}

TEST_F(ReprocessTest, RulesForMailThatIsRunAgainHold) {
    EXPECT_EQ(reprocess({"u1@later.example"}), jobs::Outcome::ok);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_EQ(opened(queued("l").at(0)).envelope().recipients.at(0).address, "u1");
}

TEST_F(ReprocessTest, AddressThatLeadsBackIsReturned) {
    EXPECT_EQ(reprocess({"circle@example.com"}), jobs::Outcome::ok);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_NE(content_of(queued("process").at(0)).find("Status: 5.4.6"), std::string::npos);
}

TEST_F(ReprocessTest, OnlyTheMemberThatLeadsBackIsReported) {
    EXPECT_EQ(reprocess({"both@example.com", "u1@example.com"}), jobs::Outcome::ok);
    const auto recipients = opened(queued("l").at(0)).envelope().recipients;
    ASSERT_EQ(recipients.size(), 2U);
    EXPECT_EQ(recipients[0].address, "adam");
    EXPECT_EQ(recipients[1].address, "u1");
    ASSERT_EQ(queued("reprocess").size(), 1U);
    EXPECT_EQ(attempt(), jobs::Outcome::ok);
    ASSERT_EQ(queued().size(), 2U);
    EXPECT_EQ(queued("l").size(), 1U);
    const std::string notice = content_of(queued("process").at(0));
    EXPECT_NE(notice.find("again@round.example"), std::string::npos);
    EXPECT_NE(notice.find("Status: 5.4.6"), std::string::npos);
    EXPECT_EQ(notice.find("Final-Recipient: rfc822;both@"), std::string::npos);
    EXPECT_EQ(notice.find("u1@"), std::string::npos);
}

// Otherwise the next attempt would deliver to adam again.
TEST_F(ReprocessTest, NobodyIsServedWhileNotAllCanBe) {
    const std::string local = directory_ + "/queue/l";
    std::ofstream(local) << "in the way";
    EXPECT_EQ(reprocess({"both@example.com"}), jobs::Outcome::temp);
    EXPECT_EQ(queued("reprocess").size(), 1U);
    std::filesystem::remove(local);
    EXPECT_EQ(attempt(), jobs::Outcome::ok);
    EXPECT_EQ(queued("l").size(), 1U);
}

}  // namespace
}  // namespace sluice::dequeue
