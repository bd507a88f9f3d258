// Young messages in segments: seen, owned, changed and removed as message files are.
#include <gtest/gtest.h>

#include <array>

#include "queue/commit.h"
#include "queue/failure.h"
#include "queue/reclaim.h"
#include "queue/segment_writer.h"
#include "queue/segments.h"
#include "queue/storage.h"
#include "queue/sync_pool.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

using test::DiskModel;
using test::QueueClock;

const Actor actor{"l", 1, 1};
const std::string content = "Subject: young\r\n\r\n" + std::string(3000, 'x') + "\r\n";

class Young : public testing::Test {
protected:
    MessageLocation enqueue(const std::string& channel = "l") {
        return test::enqueue(*store_, {channel}, {"a@x"}, content).value().front();
    }
    Result<MessageFile> open(const MessageLocation& location) {
        return MessageFile::open(*store_, location, Access::own);
    }
    [[nodiscard]] bool is_file(const MessageLocation& location) {
        return disk_.status(location.path("/q")).has_value();
    }
    std::string segment_path() {
        return store_->segments().path(store_->segments().list()->front());
    }
    /// What a promotion leaves that is killed before its mark: a file and a live entry.
    void kill_in_promotion(const MessageLocation& location) {
        const std::string path = segment_path();
        const std::string octets = disk_.content(path);
        open(location)->append_history({});
        ASSERT_TRUE(is_file(location));
        disk_.plant(path, octets);
    }
    /// Another process on the same queue.
    std::unique_ptr<Store> other() {
        return *Store::open("/q", test::options_with(test::young_limit), disk_, clock_);
    }

    DiskModel disk_{"/q"};
    QueueClock clock_;
    std::unique_ptr<Store> store_ =
        *Store::open("/q", test::options_with(test::young_limit), disk_, clock_);
};

TEST_F(Young, IsListedFoundAndReadLikeAFile) {
    const MessageLocation location = enqueue();
    EXPECT_FALSE(is_file(location));
    EXPECT_EQ(test::queued(*store_), std::vector{location});
    EXPECT_EQ(*store_->find("l", location.name.unique), location);
    EXPECT_FALSE(store_->find("tcp_local", location.name.unique));
    EXPECT_EQ(last_attempt_time(*store_, location).value(), arrival_time(location.name.unique));
    const auto elsewhere = other();
    auto file = MessageFile::open(*elsewhere, location, Access::read);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->location(), location);
    EXPECT_TRUE(file->verify_content());
    EXPECT_EQ(test::read_all(*file).value(), content);
    EXPECT_TRUE(file->history()->empty());
    EXPECT_EQ(file->unfinished().value(), std::vector<std::size_t>{0});
}

TEST_F(Young, ContentLiesBehindTheDescriptor) {
    test::TemporaryRoot root;
    auto store = *Store::open(root.path(), test::options_with(test::young_limit));
    const auto location = test::enqueue(*store, {"l"}, {"a@x"}, content).value().front();
    auto file = MessageFile::open(*store, location, Access::own);
    ASSERT_TRUE(file);
    std::string read(content.size(), '\0');
    const auto count = ::pread(
        file->descriptor(), read.data(), read.size(), static_cast<off_t>(file->descriptor_offset())
    );
    EXPECT_EQ(count, static_cast<ssize_t>(content.size()));
    EXPECT_EQ(read, content);
}

TEST_F(Young, RemovedIsGoneForEverybody) {
    const MessageLocation location = enqueue();
    const auto elsewhere = other();
    ASSERT_TRUE(MessageFile::open(*elsewhere, location, Access::read));
    ASSERT_TRUE(open(location)->remove());
    EXPECT_EQ(failure_kind(open(location).error()), Failure::gone);
    const auto seen = MessageFile::open(*elsewhere, location, Access::read);
    EXPECT_EQ(failure_kind(seen.error()), Failure::gone);
    EXPECT_TRUE(test::queued(*store_).empty());
}

TEST_F(Young, IsOneWorkersAlone) {
    const MessageLocation location = enqueue();
    auto file = open(location);
    ASSERT_TRUE(file);
    const auto elsewhere = other();
    const auto second = MessageFile::open(*elsewhere, location, Access::own);
    EXPECT_EQ(failure_kind(second.error()), Failure::busy);
    file = open(enqueue());
    EXPECT_TRUE(MessageFile::open(*elsewhere, location, Access::own));
}

TEST_F(Young, NeighboursAreIndependent) {
    const MessageLocation first = enqueue();
    CommitItem items[2];
    for (CommitItem& item : items) {
        auto writer = MessageWriter::create(*store_, {"l", 1, 0, {}}, test::sample_envelope({"a"}));
        ASSERT_TRUE(writer->append(content));
        item.copies.push_back(writer->finish().value());
    }
    const MessageLocation second = items[0].copies.front().location();
    const MessageLocation third = items[1].copies.front().location();
    SegmentWriter writer(*store_);
    SyncPool none(0);
    commit_batch(*store_, none, items, &writer);
    auto held = open(second);
    auto removed = open(third);
    ASSERT_TRUE(held && removed);
    EXPECT_TRUE(removed->remove());
    EXPECT_EQ(test::queued(*store_), (std::vector{first, second}));
}

TEST_F(Young, FailedAttemptMakesItAFileWithHistory) {
    const MessageLocation location = enqueue();
    {
        auto file = open(location);
        HistoryRecord record;
        record.channel = "l";
        record.text = "450 later";
        file->append_history(record);
        ASSERT_TRUE(file->rename_attempt());
        EXPECT_EQ(file->location().name.attempts, 1U);
        EXPECT_EQ(file->history()->size(), 1U);
    }
    const auto queued = test::queued(*store_);
    ASSERT_EQ(queued.size(), 1U);
    EXPECT_TRUE(is_file(queued.front()));
    EXPECT_EQ(queued.front().name.unique, location.name.unique);
    // Whoever knows the old name finds it.
    auto file = open(location);
    ASSERT_TRUE(file);
    EXPECT_EQ(test::read_all(*file).value(), content);
    ASSERT_TRUE(file->remove());
    EXPECT_TRUE(test::queued(*store_).empty());
}

TEST_F(Young, HeldAndReleasedWithTheReason) {
    const MessageLocation location = enqueue();
    auto file = open(location);
    ASSERT_TRUE(file->hold(actor, "operator"));
    EXPECT_EQ(test::queued(*store_).front().name.suffix, "HELD");
    EXPECT_EQ(file->hold_reason().value(), "operator");
    ASSERT_TRUE(file->release(actor, "operator"));
    EXPECT_EQ(test::queued(*store_), std::vector{location});
}

TEST_F(Young, EntryThatCannotBeMarkedStaysTheMessage) {
    const MessageLocation location = enqueue();
    const std::string segment = segment_path();
    {
        auto file = open(location);
        ASSERT_TRUE(file);
        disk_.set_fault([&](std::string_view call, const std::string& path, std::uint64_t) {
            return call == "write" && path == segment ? EIO : 0;
        });
        EXPECT_FALSE(file->hold(actor, "operator"));
        disk_.set_fault({});
    }
    EXPECT_FALSE(is_file(location));
    EXPECT_EQ(test::queued(*store_), std::vector{location});
    auto again = open(location);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->hold(actor, "operator"));
    EXPECT_EQ(store_->find("l", location.name.unique)->name.state(), MessageState::held);
}

TEST_F(Young, PartialDeliveryLeavesTheRest) {
    const auto location = test::enqueue(*store_, {"l"}, {"a@x", "b@x"}, content).value().front();
    auto file = open(location);
    const auto rest = file->replace_with_remaining({1}, 1);
    ASSERT_TRUE(rest);
    EXPECT_EQ(test::queued(*store_), std::vector{*rest});
    EXPECT_EQ(open(*rest)->envelope().recipients.front().address, "b@x");
    EXPECT_EQ(open(*rest)->envelope().ancestor, location.name.unique);
}

TEST_F(Young, LargeHeldAndTriedMessagesAreFiles) {
    for (const bool is_held : {false, true}) {
        auto envelope = test::sample_envelope({"a@x"});
        if (is_held) envelope.hold_reason = "loop";
        auto writer = MessageWriter::create(*store_, {"l", 1, 0, {}}, envelope);
        ASSERT_TRUE(writer->append(std::string(is_held ? 10 : test::young_limit + 1, 'x')));
        CommitItem item;
        item.copies.push_back(writer->finish().value());
        const MessageLocation location = item.copies.front().location();
        SegmentWriter segment(*store_);
        SyncPool none(0);
        commit_batch(*store_, none, {&item, 1}, &segment);
        EXPECT_FALSE(item.failure);
        EXPECT_TRUE(is_file(location));
    }
    EXPECT_TRUE(store_->segments().list()->empty());
}

TEST_F(Young, EmptySegmentIsRemovedWhenNobodyAppends) {
    SegmentWriter writer(*store_);
    SyncPool none(0);
    MessageLocation location;
    {
        auto message =
            MessageWriter::create(*store_, {"l", 1, 0, {}}, test::sample_envelope({"a"}));
        CommitItem item;
        item.copies.push_back(message->finish().value());
        location = item.copies.front().location();
        commit_batch(*store_, none, {&item, 1}, &writer);
    }
    EXPECT_EQ(reclaim_segments(*store_).value(), 0U) << "it has a live entry";
    ASSERT_TRUE(open(location)->remove());
    EXPECT_EQ(reclaim_segments(*store_).value(), 0U) << "its writer lives";
    const MessageLocation last = enqueue();
    ASSERT_TRUE(open(last)->remove());
    EXPECT_EQ(store_->segments().list()->size(), 2U);
    ASSERT_TRUE(store_->directory_syncs().flush());
    EXPECT_EQ(store_->segments().list()->size(), 1U)
        << "the one of enqueue() went with its message";
}

TEST_F(Young, FileAndEntryOfOneMessageAreOneMessage) {
    const MessageLocation location = enqueue();
    auto file = open(location);
    std::string octets = disk_.content(segment_path());
    ASSERT_TRUE(file->rename_attempt());
    file = open(enqueue("tcp_local"));
    // As if the mark of the promotion were lost.
    disk_.plant(segment_path(), octets);
    const auto queued = test::queued(*store_);
    ASSERT_EQ(queued.size(), 2U);
    EXPECT_EQ(queued.front().name.attempts, 1U);
    auto again = open(queued.front());
    ASSERT_TRUE(again->remove());
    EXPECT_EQ(test::queued(*store_).size(), 1U) << "the scan has repeated the mark";
}

// As a promotion does that cannot mark the entry: it takes its file away before it lets go.
TEST_F(Young, EntryStaysTheMessageWhereTheFileWentDuringTheLook) {
    const MessageLocation location = enqueue();
    kill_in_promotion(location);
    ScanVisitor visitor;
    visitor.message = [&](const ScannedMessage&) {
        if (is_file(location)) (void)disk_.unlink(location.path("/q"));
    };
    ASSERT_TRUE(scan_channel(*store_, "l", visitor));
    EXPECT_FALSE(is_file(location));
    EXPECT_EQ(test::queued(*other()), std::vector{location});
    EXPECT_TRUE(open(location));
}

TEST_F(Young, WhoRemovesTheFileOfAKilledPromotionSettlesItsEntry) {
    const MessageLocation location = enqueue();
    kill_in_promotion(location);
    ASSERT_TRUE(open(location)->remove());
    EXPECT_TRUE(test::queued(*other()).empty());
}

TEST_F(Young, WhoHoldsTheFileOfAKilledPromotionSettlesItsEntry) {
    const MessageLocation location = enqueue();
    kill_in_promotion(location);
    ASSERT_TRUE(open(location)->hold(actor, "policy"));
    const auto seen = MessageFile::open(*other(), location, Access::read);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->location().name.state(), MessageState::held);
}

// What a killed program had not synced may go with the power, whatever the next one saw of it.
TEST(Promotion, KilledAnywhereLosesNothingToAPowerCutAfterTheNextLook) {
    QueueClock clock;
    bool complete = false;
    for (std::uint64_t cut = 1; !complete; ++cut) {
        DiskModel disk("/q");
        {
            auto store = *Store::open("/q", test::options_with(test::young_limit), disk, clock);
            const auto location = test::enqueue(*store, {"l"}, {"a@x"}, content).value().front();
            disk.cut_power_at(disk.calls() + cut);
            auto file = MessageFile::open(*store, location, Access::own);
            if (file) (void)file->rename_attempt();
            complete = !disk.power_is_off();
        }
        test::RandomChoices how(cut);
        const auto killed = disk.after_kill(how);
        {
            auto store = *Store::open("/q", test::options_with(test::young_limit), *killed, clock);
            EXPECT_EQ(test::queued(*store).size(), 1U) << "killed at call " << cut;
        }
        test::AllChoices all;
        int states = 0;
        do {
            const auto found = killed->after_power_cut(all);
            auto store = *Store::open("/q", test::options_with(test::young_limit), *found, clock);
            EXPECT_EQ(test::queued(*store).size(), 1U) << "killed at call " << cut;
        } while (++states < 200 && all.next());
    }
}

TEST_F(Young, DamagedEntryIsSetAsideAndItsNeighbourLives) {
    SegmentWriter writer(*store_);
    SyncPool none(0);
    std::vector<MessageLocation> locations;
    for (int i = 0; i < 2; ++i) {
        auto message =
            MessageWriter::create(*store_, {"l", 1, 0, {}}, test::sample_envelope({"a"}));
        ASSERT_TRUE(message->append(content));
        CommitItem item;
        item.copies.push_back(message->finish().value());
        locations.push_back(item.copies.front().location());
        commit_batch(*store_, none, {&item, 1}, &writer);
    }
    std::string octets = disk_.content(segment_path());
    octets[segment::entries_at + 500] ^= 1;
    disk_.plant(segment_path(), octets);
    EXPECT_EQ(failure_kind(open(locations[0]).error()), Failure::damaged);
    const auto bad = mark_bad(*store_, locations[0]);
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->name.suffix, "BAD");
    EXPECT_TRUE(is_file(*bad));
    EXPECT_TRUE(open(locations[1]));
}

TEST_F(Young, DamagedSlotKeepsItsSegmentAndIsReported) {
    const MessageLocation location = enqueue();
    std::string octets = disk_.content(segment_path());
    octets[segment::slots_at + 40] ^= 1;
    disk_.plant(segment_path(), octets);
    std::vector<std::string> reports;
    ScanVisitor visitor;
    visitor.alien = [&](std::string_view path, std::string_view reason) {
        reports.push_back(std::string(path) + ": " + std::string(reason));
    };
    const auto elsewhere = other();
    ASSERT_TRUE(scan_channel(*elsewhere, "l", visitor));
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_NE(reports.front().find("damaged slots"), std::string::npos);
    EXPECT_EQ(reclaim_segments(*elsewhere).value(), 0U);
    EXPECT_FALSE(MessageFile::open(*elsewhere, location, Access::own));
}

TEST_F(Young, FullSegmentGivesWayToTheNext) {
    SegmentWriter writer(*store_);
    SyncPool none(0);
    std::size_t count = 0;
    for (int batch = 0; batch < 5; ++batch) {
        std::vector<CommitItem> items(2000);
        for (CommitItem& item : items) {
            auto message =
                MessageWriter::create(*store_, {"l", 1, 0, {}}, test::sample_envelope({"a"}));
            item.copies.push_back(message->finish().value());
        }
        commit_batch(*store_, none, items, &writer);
        for (const CommitItem& item : items) EXPECT_FALSE(item.failure);
        count += items.size();
    }
    EXPECT_EQ(store_->segments().list()->size(), 2U);
    EXPECT_EQ(test::queued(*store_).size(), count);
}

TEST(SegmentFormat, SlotsAndMarksComeBack) {
    segment::Slot slot;
    slot.offset = segment::entries_at + 4096;
    slot.size = 5000;
    slot.hash = 0x0123456789abcdef;
    slot.durable_before = 17;
    slot.sub_directory = 42;
    slot.unique = "84PHKX1L3Q0A0001";
    slot.channel = "tcp_local";
    std::string octets;
    segment::append_slot(octets, slot, 3, "84PHKX1L3Q0A0000");
    ASSERT_EQ(octets.size(), segment::slot_size);
    const auto decoded = segment::decode_slot(octets, 3, "84PHKX1L3Q0A0000");
    EXPECT_EQ(decoded.state, segment::SlotState::used);
    EXPECT_EQ(decoded.slot, slot);
    EXPECT_EQ(
        segment::decode_slot(octets, 4, "84PHKX1L3Q0A0000").state, segment::SlotState::damaged
    ) << "in another place";
    for (std::size_t i = 0; i < octets.size(); ++i) {
        std::string changed = octets;
        changed[i] ^= 0x40;
        EXPECT_EQ(
            segment::decode_slot(changed, 3, "84PHKX1L3Q0A0000").state, segment::SlotState::damaged
        ) << i;
    }
    EXPECT_EQ(
        segment::decode_slot(std::string(segment::slot_size, '\0'), 3, "X").state,
        segment::SlotState::empty
    );
    for (const auto mark :
         {segment::Mark::removed, segment::Mark::moved, segment::Mark::cancelled}) {
        EXPECT_EQ(segment::decode_mark(segment::encode_mark(mark)), mark);
        std::string torn = segment::encode_mark(mark);
        torn[7] = 0;
        EXPECT_EQ(segment::decode_mark(torn), segment::Mark::live);
    }
}

TEST(SegmentFormat, HeaderNamesItsSegment) {
    const std::string header = segment::encode_header("84PHKX1L3Q0A0001");
    EXPECT_EQ(header.size(), segment::encoded_header_size());
    EXPECT_TRUE(segment::check_header(header, "84PHKX1L3Q0A0001"));
    EXPECT_FALSE(segment::check_header(header, "84PHKX1L3Q0A0002"));
    std::string newer = header;
    newer[11] = 2;
    EXPECT_EQ(
        failure_kind(segment::check_header(newer, "84PHKX1L3Q0A0001").error()),
        Failure::other_version
    );
    EXPECT_EQ(segment::id_of("84PHKX1L3Q0A0001.seg"), "84PHKX1L3Q0A0001");
    EXPECT_FALSE(segment::id_of("84PHKX1L3Q0A0001.seg~"));
    EXPECT_FALSE(segment::id_of(".seg"));
}

}  // namespace
}  // namespace sluice::queue
