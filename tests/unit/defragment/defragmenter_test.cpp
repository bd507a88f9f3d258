#include "defragment/defragmenter.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "dequeue/message_worker.h"
#include "dequeue/queue_fixture.h"
#include "message/partial.h"

namespace sluice::defragment {
namespace {

class DefragmenterTest : public dequeue::QueueFixture {
protected:
    DefragmenterTest() : QueueFixture({{"imta.cnf", imta_cnf()}}) {}

    static std::string imta_cnf() {
        std::string text = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
        const auto at = text.find("\nl subdirs") + 2;
        return text.insert(at, " defragment") + "\n\ndefragment notices 2\ndefragment-daemon\n";
    }

    /// A piece for these users of channel l, `hours` old.
    void enqueue_piece(
        const message::PartialLabels& labels, const std::vector<std::string>& users, int hours = 0
    ) {
        enqueue::Submission message = submission("amy@siroe.edu");
        message.enqueued = runtime_->store().clock().wall_now() - std::chrono::hours(hours);
        for (const std::string& user : users) message.recipients.push_back(recipient("l", user));
        enqueue::MessageBuilder builder(
            runtime_->site(), site_->imta.channels, runtime_->limits(), std::move(message), {}
        );
        const std::string whole = "From: amy@siroe.edu\r\nSubject: s\r\n\r\n";
        std::string content = message::piece_header(whole, labels, "<p@siroe.edu>");
        if (labels.number == 1) content += message::enclosed_header(whole);
        ASSERT_TRUE(builder.append(content + "body " + std::to_string(labels.number) + "\r\n"));
        auto prepared = builder.finish();
        ASSERT_TRUE(prepared);
        ASSERT_TRUE(std::move(*prepared).commit(runtime_->site()));
    }

    jobs::Outcome attempt(std::size_t which = 0) {
        const channel::Channel& channel = *site_->imta.channels.find("defragment");
        const auto deliverer = make_defragmenter(*runtime_, channel);
        return dequeue::MessageWorker(*runtime_, channel, *deliverer, 1)
            .handle(item_of(queued("defragment").at(which)))
            .outcome;
    }
};

TEST_F(DefragmenterTest, PieceForAChannelWithDefragmentGoesThereFirst) {
    enqueue_piece({"one", 1, 2}, {"u1", "u2"});
    ASSERT_EQ(queued("defragment").size(), 1U);
    const queue::Envelope envelope = opened(queued("defragment")[0]).envelope();
    ASSERT_EQ(envelope.recipients.size(), 2U);
    EXPECT_EQ(envelope.recipients[0].address, "u1@mail.example.com");
    EXPECT_EQ(envelope.recipients[0].onward, (channel::Onward{"l", "u1", ""}));
}

TEST_F(DefragmenterTest, LastPieceTakesTheOthersAlong) {
    enqueue_piece({"one", 2, 2}, {"u1", "u2"});
    EXPECT_EQ(attempt(), jobs::Outcome::temp);
    enqueue_piece({"one", 1, 2}, {"u2", "u1"});
    EXPECT_EQ(attempt(), jobs::Outcome::ok);
    EXPECT_TRUE(queued("defragment").empty());
    ASSERT_EQ(queued("l").size(), 1U);
    const std::string content = content_of(queued("l")[0]);
    EXPECT_TRUE(content.ends_with("From: amy@siroe.edu\r\nSubject: s\r\n\r\nbody 1\r\nbody 2\r\n"))
        << content;
    EXPECT_EQ(opened(queued("l")[0]).envelope().recipients.size(), 2U);
}

TEST_F(DefragmenterTest, PiecesForOthersOrOfOtherMessagesAreLeftAlone) {
    enqueue_piece({"one", 1, 2}, {"u1"});
    enqueue_piece({"one", 2, 2}, {"u2"});
    enqueue_piece({"two", 2, 2}, {"u1"});
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(attempt(i), jobs::Outcome::temp);
    EXPECT_TRUE(queued("l").empty());
}

TEST_F(DefragmenterTest, PieceThatSomebodyHasIsWaitedFor) {
    enqueue_piece({"one", 1, 2}, {"u1"});
    enqueue_piece({"one", 2, 2}, {"u1"});
    const auto files = queued("defragment");
    const auto held = queue::MessageFile::open(runtime_->store(), files[1], queue::Access::own);
    ASSERT_TRUE(held);
    const channel::Channel& channel = *site_->imta.channels.find("defragment");
    const auto deliverer = make_defragmenter(*runtime_, channel);
    const auto done =
        dequeue::MessageWorker(*runtime_, channel, *deliverer, 1).handle(item_of(files[0]));
    EXPECT_EQ(done.outcome, jobs::Outcome::temp);
    EXPECT_EQ(queued("defragment").size(), 2U);
}

TEST_F(DefragmenterTest, MailToAnAddressOfTheChannelIsNotPassedOn) {
    enqueue::Submission message = submission("amy@siroe.edu");
    message.recipients.push_back(recipient("defragment", "u1%far.example@defragment-daemon"));
    put(std::move(message));
    EXPECT_EQ(attempt(), jobs::Outcome::ok);
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_EQ(queued()[0].channel, "process") << "the sender is told";
}

TEST_F(DefragmenterTest, LonelyPieceGoesOnAfterHalfOfTheFirstNotice) {
    enqueue_piece({"one", 1, 2}, {"u1"}, 23);
    EXPECT_EQ(attempt(), jobs::Outcome::temp);
    enqueue_piece({"two", 1, 2}, {"u1"}, 25);
    const bool older_first = opened(queued("defragment")[0]).envelope().enqueued <
                             opened(queued("defragment")[1]).envelope().enqueued;
    EXPECT_EQ(attempt(older_first ? 0 : 1), jobs::Outcome::ok);
    ASSERT_EQ(queued("l").size(), 1U);
    EXPECT_NE(content_of(queued("l")[0]).find("id=two; number=1"), std::string::npos);
}

}  // namespace
}  // namespace sluice::defragment
