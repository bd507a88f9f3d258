#include "metrics/collector.h"

#include <gtest/gtest.h>

#include "queue/commit_group.h"
#include "queue/message_writer.h"
#include "queue/store.h"
#include "support/instance_directory.h"

namespace sluice::metrics {
namespace {

struct LabelCase {
    const char* reason;
    const char* label;
};
class ReasonLabels : public testing::TestWithParam<LabelCase> {};

TEST_P(ReasonLabels, AreFewAndPlain) {
    EXPECT_EQ(reason_label(GetParam().reason), GetParam().label);
}

INSTANTIATE_TEST_SUITE_P(
    Texts,
    ReasonLabels,
    testing::Values(
        LabelCase{"loop: 51 Received lines, limit 50", "loop"},
        LabelCase{"operator root: for later", "operator"},
        LabelCase{"status", "status"},
        LabelCase{"", "other"},
        LabelCase{": no word", "other"},
        LabelCase{"Loop", "other"},
        LabelCase{"le\"gal", "other"},
        LabelCase{"l\xC3\xA4nger", "other"},
        LabelCase{"aaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaa"},
        LabelCase{"aaaaaaaaaaaaaaaaaaaaaaaaa", "other"}
    )
);

class Collecting : public testing::Test {
protected:
    void hold(const std::string& channel, const std::string& reason) {
        auto store = *queue::Store::open(instance_.path("queue"));
        queue::Envelope envelope;
        envelope.enqueued = store->clock().wall_now();
        envelope.owner = "mta";
        envelope.source_channel = "tcp_intranet";
        envelope.source_host = "tcp_intranet-daemon";
        envelope.envelope_id = "id";
        envelope.sender = "adam@sesta.example";
        queue::Recipient recipient;
        recipient.address = "eve@siroe.example";
        envelope.recipients.push_back(std::move(recipient));
        if (!reason.empty()) envelope.hold_reason = reason;
        queue::CopyOptions copy;
        copy.channel = channel;
        auto writer = queue::MessageWriter::create(*store, copy, envelope);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->append("Subject: x\r\n\r\nx\r\n"));
        std::vector<queue::FinishedFile> files;
        files.push_back(*writer->finish());
        ASSERT_TRUE(queue::commit_now(*store, std::move(files)));
    }
    [[nodiscard]] config::ConfigurationPtr configuration() const {
        auto loaded = config::load_published(instance_.tailor());
        EXPECT_TRUE(loaded) << loaded.error().to_debug_string();
        return *loaded;
    }

    test::InstanceDirectory instance_{"metrics_test"};
};

TEST_F(Collecting, LeavesOutWhatNobodyAnswers) {
    Collector collector(configuration());
    const counters::Exposition found = collector.collect();
    EXPECT_FALSE(found.waiting);
    EXPECT_TRUE(found.counts.empty());
    ASSERT_TRUE(found.free_room);
    EXPECT_GT(found.free_room->octets, 0U);
    ASSERT_TRUE(found.held);
    EXPECT_TRUE(found.held->empty());
    EXPECT_FALSE(collector.is_ready());
}

TEST_F(Collecting, CountsHeldMessagesByChannelAndReason) {
    hold("tcp_local", "loop: 51 Received lines, limit 50");
    hold("tcp_local", "loop: 70 Received lines, limit 50");
    hold("tcp_local", "operator root");
    hold("reprocess", "holdlimit: 412 recipients");
    hold("tcp_local", "");
    Collector collector(configuration());
    const auto held = collector.collect().held;
    ASSERT_TRUE(held);
    std::string text;
    for (const counters::HeldMessages& one : *held) {
        text += one.channel + ' ' + one.reason + ' ' + std::to_string(one.count) + '\n';
    }
    EXPECT_EQ(text, "reprocess holdlimit 1\ntcp_local loop 2\ntcp_local operator 1\n");
}

TEST_F(Collecting, DoesNotReadTheQueueForEachQuestion) {
    Collector collector(configuration());
    EXPECT_TRUE(collector.collect().held->empty());
    hold("tcp_local", "operator root");
    EXPECT_TRUE(collector.collect().held->empty());
}

TEST_F(Collecting, TellsWhatTheServersFoundOfTheDisk) {
    Collector collector(configuration());
    EXPECT_EQ(collector.collect().room_state->changes, 0U);
    instance_.write("run/disk_state", "hard 3\n");
    const auto found = collector.collect().room_state;
    EXPECT_EQ(found->state, 2U);
    EXPECT_EQ(found->changes, 3U);
}

TEST_F(Collecting, IsReadyOnlyWithTheRightProgramsRunning) {
    Collector collector(configuration());
    // A process that lives, and is another program.
    instance_.write("run/dispatcher.pid", std::to_string(::getpid()) + "\n");
    instance_.write("run/job_controller.pid", std::to_string(::getpid()) + "\n");
    EXPECT_FALSE(collector.is_ready());
    instance_.write("run/dispatcher.pid", "not a number\n");
    EXPECT_FALSE(collector.is_ready());
}

}  // namespace
}  // namespace sluice::metrics
