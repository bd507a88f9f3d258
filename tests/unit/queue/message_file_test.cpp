#include "queue/message_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/limit_hits.h"
#include "queue/checksum.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

using test::DiskModel;
using test::enqueue;
using test::QueueClock;
using test::queued;
using test::read_all;

const Actor actor{"tcp_local", 4711, 2};

class MessageFileTest : public testing::Test {
protected:
    void SetUp() override {
        store_ = *Store::open("/q", {}, disk_, clock_);
        auto locations = enqueue(*store_, {"l"}, {"a@x", "b@x", "c@y"}, content_);
        ASSERT_TRUE(locations);
        location_ = locations->front();
    }
    MessageFile own() { return own(location_); }
    MessageFile own(const MessageLocation& location) {
        auto file = MessageFile::open(*store_, location, Access::own);
        EXPECT_TRUE(file) << file.error().to_debug_string();
        return *std::move(file);
    }
    Failure failure_of(const MessageLocation& location, Access access) {
        auto file = MessageFile::open(*store_, location, access);
        EXPECT_FALSE(file);
        return failure_kind(file.error());
    }

    const std::string content_ = "Subject: x\r\n\r\nbody\r\n";
    DiskModel disk_{"/q"};
    QueueClock clock_;
    std::unique_ptr<Store> store_;
    MessageLocation location_;
};

TEST_F(MessageFileTest, OneWorkerOwnsItOthersMayLook) {
    MessageFile mine = own();
    EXPECT_EQ(failure_of(location_, Access::own), Failure::busy);
    EXPECT_TRUE(MessageFile::open(*store_, location_, Access::read));
}

TEST_F(MessageFileTest, LockGoesWithTheObject) {
    { const MessageFile mine = own(); }
    const MessageFile again = own();
}

TEST_F(MessageFileTest, RemovedMessageIsGone) {
    ASSERT_TRUE(own().remove());
    EXPECT_EQ(failure_of(location_, Access::own), Failure::gone);
    EXPECT_EQ(failure_of(location_, Access::read), Failure::gone);
    EXPECT_TRUE(store_->directory_syncs().flush());
}

TEST_F(MessageFileTest, FailedAttemptLowersThePrefixAndKeepsTheUniquePart) {
    clock_.advance(std::chrono::minutes(5));
    for (unsigned attempt = 1; attempt <= 3; ++attempt) {
        MessageFile file = own();
        ASSERT_TRUE(file.rename_attempt());
        EXPECT_EQ(file.location().name.attempts, attempt);
        EXPECT_EQ(file.location().name.unique, location_.name.unique);
    }
    const auto now = queued(*store_);
    ASSERT_EQ(now.size(), 1U);
    EXPECT_EQ(now[0].name.to_string().substr(0, 2), "ZW");
    EXPECT_EQ(last_attempt_time(*store_, now[0]).value(), clock_.wall_now());
}

TEST_F(MessageFileTest, OldNamesAreResolvedByTheUniquePart) {
    ASSERT_TRUE(own().rename_attempt());
    EXPECT_EQ(own(location_).location().name.attempts, 1U);
    MessageLocation elsewhere = location_;
    elsewhere.sub_directory = "007";
    EXPECT_EQ(own(elsewhere).location().sub_directory, "000");
}

TEST_F(MessageFileTest, AnyTwoDigitSuffixIsServedAndNormalised) {
    MessageLocation other = location_;
    other.name.suffix = "06";
    ASSERT_TRUE(disk_.rename(location_.path("/q"), other.path("/q")));
    MessageFile file = own(other);
    EXPECT_EQ(file.location().name.state(), MessageState::eligible);
    ASSERT_TRUE(file.rename_attempt());
    EXPECT_EQ(file.location().name.suffix, "00");
}

TEST_F(MessageFileTest, HoldAndReleaseAreRenamesWithAReason) {
    MessageFile file = own();
    ASSERT_TRUE(file.hold(actor, "operator by root: looks odd"));
    EXPECT_EQ(queued(*store_).at(0).name.state(), MessageState::held);
    EXPECT_EQ(file.hold_reason().value(), "operator by root: looks odd");
    ASSERT_TRUE(file.release(actor, "by root"));
    EXPECT_EQ(queued(*store_).at(0).name.state(), MessageState::eligible);
    EXPECT_EQ(file.hold_reason().value(), "");
    const auto history = file.history();
    ASSERT_EQ(history->size(), 2U);
    EXPECT_EQ(history->at(0).code, HistoryCode::held);
    EXPECT_EQ(history->at(1).code, HistoryCode::released);
    EXPECT_EQ(history->at(1).process, 4711U);
}

TEST_F(MessageFileTest, HistoryAndContentStaySideBySide) {
    {
        MessageFile file = own();
        for (unsigned i = 0; i < 200; ++i) {
            HistoryRecord record;
            record.channel = "l";
            record.attempt = i;
            record.text = "450 later";
            file.append_history(record);
        }
    }
    MessageFile file = own();
    EXPECT_EQ(file.history()->size(), 200U);
    EXPECT_EQ(read_all(file).value(), content_);
    EXPECT_TRUE(file.verify_content());
}

TEST_F(MessageFileTest, TornHistoryLineIsLeftOutAndDoesNotSwallowTheNext) {
    const std::string path = location_.path("/q");
    disk_.plant(path, disk_.content(path) + "%2026-03-02T10:11:07.204Z tcp_local D 0 1.1 a@x -");
    MessageFile file = own();
    EXPECT_TRUE(file.history()->empty());
    ASSERT_TRUE(file.record_done(actor, "b@x", "delivered"));
    EXPECT_EQ(file.unfinished().value(), (std::vector<std::size_t>{0, 2}));
}

TEST_F(MessageFileTest, FullDiskDropsHistoryButNotTheMessage) {
    MessageFile file = own();
    disk_.set_fault([](std::string_view call, const std::string&, std::uint64_t) {
        return call == "write" ? ENOSPC : 0;
    });
    file.append_history({});
    EXPECT_FALSE(file.record_done(actor, "a@x", "delivered"));
    EXPECT_FALSE(file.replace_with_remaining({1}, 1));
    disk_.set_fault({});
    EXPECT_EQ(file.unfinished()->size(), 3U);
    EXPECT_EQ(read_all(file).value(), content_);
    EXPECT_EQ(queued(*store_).size(), 1U);
    ASSERT_TRUE(file.record_done(actor, "a@x", "delivered"));
    EXPECT_EQ(file.unfinished()->size(), 2U);
}

TEST_F(MessageFileTest, PartialDeliveryLeavesANewFileForTheRest) {
    MessageFile old = own();
    HistoryRecord note;
    note.channel = "l";
    note.text = "450 later";
    old.append_history(note);
    ASSERT_TRUE(old.record_done(actor, "b@x", "delivered"));
    const auto remaining = old.unfinished();
    EXPECT_EQ(remaining.value(), (std::vector<std::size_t>{0, 2}));
    const auto replaced = old.replace_with_remaining(*remaining, 10);
    ASSERT_TRUE(replaced) << replaced.error().to_debug_string();

    const auto now = queued(*store_);
    ASSERT_EQ(now.size(), 1U);
    EXPECT_EQ(now[0], *replaced);
    EXPECT_EQ(now[0].name.attempts, 1U);
    EXPECT_NE(now[0].name.unique, location_.name.unique);
    MessageFile rest = own(now[0]);
    Envelope expected = test::sample_envelope({"a@x", "c@y"});
    expected.ancestor = location_.name.unique;
    EXPECT_EQ(rest.envelope(), expected);
    EXPECT_EQ(read_all(rest).value(), content_);
    EXPECT_TRUE(rest.verify_content());
    ASSERT_EQ(rest.history()->size(), 1U);
    EXPECT_EQ(rest.history()->at(0).text, "450 later");
    EXPECT_EQ(rest.unfinished()->size(), 2U);
}

TEST_F(MessageFileTest, RestOfAReleasedMessageIsNotHeldAgain) {
    queue::Envelope envelope = test::sample_envelope({"a@x", "b@x"});
    envelope.hold_reason = "milter";
    auto writer = MessageWriter::create(*store_, {"l", 1, 0, {}}, envelope);
    ASSERT_TRUE(writer->append(content_));
    std::vector<FinishedFile> copies;
    copies.push_back(writer->finish().value());
    const MessageLocation location = copies.front().location();
    ASSERT_TRUE(commit_now(*store_, std::move(copies)));
    MessageFile file = own(location);
    ASSERT_EQ(file.location().name.state(), MessageState::held);
    ASSERT_TRUE(file.release(actor, "operator"));
    const auto rest = file.replace_with_remaining({1}, 1);
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->name.state(), MessageState::eligible);
}

TEST_F(MessageFileTest, RewriteKeepsUnknownRecordsAndShortensHistory) {
    {
        MessageFile file = own();
        for (int i = 0; i < 300; ++i) file.append_history({});
        Envelope envelope = file.envelope();
        envelope.unknown = {{'Z', "of a later version"}};
        ASSERT_TRUE(file.replace(envelope, 7, 1));
    }
    const auto now = queued(*store_);
    ASSERT_EQ(now.size(), 1U);
    EXPECT_EQ(now[0].name.attempts, 7U);
    MessageFile file = own(now[0]);
    EXPECT_EQ(file.history()->size(), 100U);
    ASSERT_TRUE(file.replace_with_remaining({0}, 1));
    EXPECT_EQ(own(queued(*store_).at(0)).envelope().unknown.at(0).value, "of a later version");
}

TEST_F(MessageFileTest, DamagedContentIsNotPassedOn) {
    const std::string path = location_.path("/q");
    std::string bytes = disk_.content(path);
    bytes[bytes.find("body")] = 'B';
    disk_.plant(path, bytes);
    MessageFile file = own();
    const auto verified = file.verify_content();
    ASSERT_FALSE(verified);
    EXPECT_EQ(failure_kind(verified.error()), Failure::damaged);
    EXPECT_FALSE(file.replace_with_remaining({0}, 1));
    EXPECT_EQ(queued(*store_).size(), 1U);
    EXPECT_EQ(disk_.files_below("/q/l/tmp").size(), 0U);
}

TEST_F(MessageFileTest, DamagedFileIsSetAsideUnderItsName) {
    const std::string path = location_.path("/q");
    disk_.plant(path, "v;1\nrubbish");
    EXPECT_EQ(failure_of(location_, Access::own), Failure::damaged);
    const auto bad = mark_bad(*store_, location_);
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->name.state(), MessageState::bad);
    EXPECT_EQ(bad->name.unique, location_.name.unique);
    EXPECT_EQ(disk_.content(bad->path("/q")), "v;1\nrubbish");
    EXPECT_TRUE(mark_bad(*store_, *bad));
}

TEST_F(MessageFileTest, BusyFileIsNotSetAside) {
    const MessageFile mine = own();
    const auto bad = mark_bad(*store_, location_);
    ASSERT_FALSE(bad);
    EXPECT_EQ(failure_kind(bad.error()), Failure::busy);
}

TEST_F(MessageFileTest, ReadErrorIsNotDamage) {
    disk_.set_fault([](std::string_view call, const std::string&, std::uint64_t) {
        return call == "read" ? EIO : 0;
    });
    EXPECT_EQ(failure_of(location_, Access::read), Failure::io);
}

TEST_F(MessageFileTest, LfContentGetsItsCrlfBackOnTheWire) {
    Envelope envelope = test::sample_envelope({"a@b"});
    envelope.encoding = ContentEncoding::lf;
    auto writer = MessageWriter::create(*store_, {"l", 1, 0, {}}, envelope);
    ASSERT_TRUE(writer->append("Subject: x\n\n"));
    const std::string line(300'000, 'x');
    ASSERT_TRUE(writer->append(line + "\nend"));
    auto finished = writer->finish();
    const MessageLocation location = finished->location();
    std::vector<FinishedFile> copies;
    copies.push_back(*std::move(finished));
    ASSERT_TRUE(commit_now(*store_, std::move(copies)));
    MessageFile file = own(location);
    WireReader reader(file);
    std::string wire;
    while (true) {
        auto part = reader.next();
        ASSERT_TRUE(part);
        if (part->empty()) break;
        wire += *part;
    }
    EXPECT_TRUE(wire == "Subject: x\r\n\r\n" + line + "\r\nend");
}

TEST(MessageFile, SecondNameOrReplacedNameIsNotOwned) {
    test::TemporaryRoot root;
    auto store = *Store::open(root.path());
    const auto location = enqueue(*store, {"l"}, {"a@b"}, "x")->at(0);
    const std::string path = location.path(root.path());
    ASSERT_EQ(::link(path.c_str(), (root.path() + "/l/other").c_str()), 0);
    const auto file = MessageFile::open(*store, location, Access::own);
    ASSERT_FALSE(file);
    EXPECT_EQ(failure_kind(file.error()), Failure::alien);
}

TEST(MessageFile, ContentLiesAtItsOffsetOfTheDescriptor) {
    test::TemporaryRoot root;
    auto store = *Store::open(root.path());
    const auto location = enqueue(*store, {"l"}, {"a@b"}, "hello")->at(0);
    auto file = MessageFile::open(*store, location, Access::own);
    ASSERT_TRUE(file);
    char bytes[5] = {};
    ASSERT_EQ(::pread(file->descriptor(), bytes, 5, static_cast<off_t>(file->content_offset())), 5);
    EXPECT_EQ(std::string(bytes, 5), "hello");
}

// The worked example of docs/formats/queue-file.md: later programs must go on reading it.
TEST(MessageFile, FileOfVersionOneIsRead) {
    const std::string bytes = read_file(SLUICE_TEST_CASES "/queue/version-1").value();
    DiskModel disk("/q");
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    const auto location = enqueue(*store, {"l"}, {"a@b"}, "x")->at(0);
    disk.plant(location.path("/q"), bytes);
    auto file = MessageFile::open(*store, location, Access::own);
    ASSERT_TRUE(file) << file.error().to_debug_string();
    EXPECT_EQ(
        to_debug_string(file->envelope()),
        "t;2026-03-02T10:11:07.204Z|u;mta|c;tcp_local|s;mail.example.com|i;84PHKX1L3Q0A0001|"
        "p;normal|l;crlf|m;sender@example.com|j;rfc822|f;user@example.org|user@example.org|"
        "Boundary_(ID_AAAAAAAAAAAAAAAAAAAAAA)|"
    );
    EXPECT_EQ(read_all(*file).value(), "Subject: hello\r\n\r\nfirst message\r\n");
    EXPECT_TRUE(file->verify_content());
    ASSERT_EQ(file->history()->size(), 1U);
    EXPECT_EQ(file->history()->at(0).text, "450 4.2.0 try later");
}

TEST(MessageFile, LargeEnvelopeIsRead) {
    test::TemporaryRoot root;
    auto store = *Store::open(root.path());
    std::vector<std::string> recipients;
    for (int i = 0; i < 20000; ++i)
        recipients.push_back("user" + std::to_string(i) + "@example.com");
    const auto location = enqueue(*store, {"l"}, recipients, "x")->at(0);
    auto file = MessageFile::open(*store, location, Access::own);
    ASSERT_TRUE(file) << file.error().to_debug_string();
    EXPECT_EQ(file->envelope().recipients.size(), 20000U);
    EXPECT_EQ(read_all(*file).value(), "x");
}

// The file has a hole where other lines would be.
TEST(HistoryBound, FurtherLinesAreDroppedAndCounted) {
    const test::TemporaryRoot root;
    const auto store = *Store::open(root.path());
    const auto location = test::enqueue(*store, {"l"}, {"a@x"}, "Subject: x\r\n\r\nx\r\n")->front();
    const std::string path = location.path(root.path());
    const auto first_size = std::filesystem::file_size(path);
    HistoryRecord record;
    record.channel = "l";
    record.text = "connection refused";
    const std::size_t line = format_history(record).size();
    unsigned hits = 0;
    limits::set_counter([&](limits::Limit limit, std::uint64_t) {
        if (limit == limits::Limit::history_file) ++hits;
    });
    // Room for one line and no more.
    const std::uint64_t filled = first_size + max_history_size - line;
    std::filesystem::resize_file(path, filled);
    ASSERT_TRUE(
        posix_storage().open(path, Storage::Open::read_write).value()->write_at(filled - 1, "\n")
    );
    auto file = MessageFile::open(*store, location, Access::own);
    ASSERT_TRUE(file) << file.error().detail();
    file->append_history(record);
    EXPECT_EQ(hits, 0U);
    EXPECT_EQ(std::filesystem::file_size(path), first_size + max_history_size);
    file->append_history(record);
    EXPECT_EQ(hits, 1U);
    EXPECT_EQ(std::filesystem::file_size(path), first_size + max_history_size);
    EXPECT_FALSE(file->record_done({"l", 1, 1}, "a@x", "")) << "the caller must know";
    EXPECT_TRUE(file->rename_attempt()) << "mail does not stop for its history";
    limits::set_counter({});
}

}  // namespace
}  // namespace sluice::queue
