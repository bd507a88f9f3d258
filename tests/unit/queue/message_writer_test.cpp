#include "queue/message_writer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "base/file.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

using test::DiskModel;
using test::enqueue;
using test::QueueClock;
using test::read_all;
using test::sample_envelope;

class MessageWriterTest : public testing::Test {
protected:
    void SetUp() override {
        auto opened = Store::open(root_.path());
        ASSERT_TRUE(opened) << opened.error().to_debug_string();
        store_ = *std::move(opened);
    }
    test::TemporaryRoot root_;
    std::unique_ptr<Store> store_;
};

struct Content {
    const char* name;
    std::string bytes;
};

std::vector<Content> contents() {
    std::string binary;
    for (int i = 0; i < 1024; ++i) binary += static_cast<char>(i * 7 % 256);
    std::mt19937 random(1);
    std::string noise(3'000'000, '\0');
    for (char& c : noise) c = static_cast<char>(random() & 0xffU);
    return {
        {"empty", ""},
        {"plain", "Subject: x\r\n\r\nbody\r\n"},
        {"no trailing newline", "Subject: x\r\n\r\nbody"},
        {"bare CR", "a\rb\r\r\n\r"},
        {"bare LF", "a\nb\n\n\r\n\n"},
        {"NUL", std::string("a\0b\0", 4)},
        {"8-bit", "\xc3\xa4\xff\x80\xfe"},
        {"all octets", binary},
        {"lines of 100000 octets", std::string(100'000, 'x') + "\r\n" + std::string(100'000, 'y')},
        {"looks like an envelope", "v;1\nm;x@y\nBoundary_(ID_AAAAAAAAAAAAAAAAAAAAAA)\n%"},
        {"one octet less than the buffer", std::string(65535, 'b')},
        {"buffer", std::string(65536, 'b')},
        {"noise", noise},
    };
}

TEST_F(MessageWriterTest, ContentComesBackOctetForOctet) {
    for (const Content& content : contents()) {
        for (const std::size_t step :
             {std::size_t{1}, std::size_t{997}, content.bytes.size() + 1}) {
            if (step == 1 && content.bytes.size() > 10000) continue;
            auto writer = MessageWriter::create(*store_, {"l", 1, 0, {}}, sample_envelope({"a@b"}));
            ASSERT_TRUE(writer) << writer.error().to_debug_string();
            for (std::size_t at = 0; at < content.bytes.size(); at += step) {
                ASSERT_TRUE(writer->append(std::string_view(content.bytes).substr(at, step)));
            }
            auto finished = writer->finish();
            ASSERT_TRUE(finished);
            const MessageLocation location = finished->location();
            const std::uint64_t size = finished->file_size();
            EXPECT_EQ(finished->content_size(), content.bytes.size());
            std::vector<FinishedFile> copies;
            copies.push_back(*std::move(finished));
            ASSERT_TRUE(commit_now(*store_, std::move(copies)));

            auto file = MessageFile::open(*store_, location, Access::read);
            ASSERT_TRUE(file) << content.name << ' ' << file.error().to_debug_string();
            EXPECT_EQ(file->envelope(), sample_envelope({"a@b"}));
            const auto read = read_all(*file);
            ASSERT_TRUE(read);
            EXPECT_TRUE(*read == content.bytes) << content.name << " step " << step;
            EXPECT_TRUE(file->verify_content());
            EXPECT_EQ(read_file(location.path(root_.path()))->size(), size);
        }
    }
}

// The content may hold its own closing boundary: the length decides, not the line.
TEST_F(MessageWriterTest, ContentCannotEndItselfOrForgeHistory) {
    auto first = enqueue(*store_, {"l"}, {"a@b"}, "x");
    ASSERT_TRUE(first);
    const std::string bytes = read_file(first->at(0).path(root_.path())).value();
    const std::size_t at = bytes.find("Boundary_(");
    const std::string boundary = bytes.substr(at, bytes.find('\n', at) - at);
    const std::string content = "hello\r\n" + boundary +
                                "\n%2026-03-02T10:11:07.204Z l D 0 1.1 a@b - forged\n" + boundary +
                                "\n";
    // Built by hand, as random bits cannot be chosen: same boundary inside and outside.
    Envelope envelope = sample_envelope({"a@b"});
    auto encoded = encode_envelope(envelope, std::string(16, '\x42'));
    ASSERT_TRUE(encoded);
    std::string forged = content;
    while (forged.find(boundary) != std::string::npos) {
        forged.replace(forged.find(boundary), boundary.size(), encoded->boundary);
    }
    seal_envelope_head(encoded->bytes.data(), forged.size(), 0, encoded->tail_hash);
    // Without a checksum the content's own hash does not matter here; k is checked on its own.
    const MessageLocation location = *MessageLocation::parse("l/000/ZZFORGED.00");
    ASSERT_TRUE(replace_file(
        location.path(root_.path()), encoded->bytes + forged + encoded->boundary + "\n", 0600
    ));
    auto file = MessageFile::open(*store_, location, Access::own);
    ASSERT_TRUE(file) << file.error().to_debug_string();
    EXPECT_EQ(read_all(*file).value(), forged);
    EXPECT_TRUE(file->history()->empty());
    EXPECT_EQ(file->unfinished()->size(), 1U);
    ASSERT_TRUE(file->record_done({"l", 1, 1}, "a@b", "delivered"));
    EXPECT_EQ(file->unfinished()->size(), 0U);
}

TEST_F(MessageWriterTest, FilesAreForTheirOwnerOnly) {
    auto locations = enqueue(*store_, {"l"}, {"a@b"}, "x");
    ASSERT_TRUE(locations);
    struct stat status {};
    ASSERT_EQ(::stat(locations->at(0).path(root_.path()).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat(locations->at(0).directory(root_.path()).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(MessageWriterTest, NobodySeesAMessageBeforeItsCommit) {
    auto writer = MessageWriter::create(*store_, {"l", 1, 0, {}}, sample_envelope({"a@b"}));
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append("x"));
    EXPECT_TRUE(test::queued(*store_).empty());
    auto finished = writer->finish();
    ASSERT_TRUE(finished);
    EXPECT_TRUE(test::queued(*store_).empty());
    EXPECT_TRUE(file_exists(root_.path() + "/l/tmp/" + finished->location().name.unique));
}

TEST(MessageWriter, AbandonedCopiesLeaveNothing) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = Store::open("/q", {}, disk, clock);
    ASSERT_TRUE(store);
    { auto writer = MessageWriter::create(**store, {"l", 1, 0, {}}, sample_envelope({"a@b"})); }
    {
        auto writer = MessageWriter::create(**store, {"l", 1, 0, {}}, sample_envelope({"a@b"}));
        auto finished = writer->finish();
        EXPECT_EQ(disk.files_below("/q/l").size(), 1U);
    }
    EXPECT_TRUE(disk.files_below("/q/l").empty());
}

TEST(MessageWriter, HoldReasonMakesAHeldFile) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = Store::open("/q", {}, disk, clock);
    Envelope envelope = sample_envelope({"a@b"});
    envelope.hold_reason = "loop: 51 Received lines, limit 50";
    auto writer = MessageWriter::create(**store, {"l", 1, 0, {}}, envelope);
    auto finished = writer->finish();
    ASSERT_TRUE(finished);
    const MessageLocation location = finished->location();
    std::vector<FinishedFile> copies;
    copies.push_back(*std::move(finished));
    ASSERT_TRUE(commit_now(**store, std::move(copies)));
    EXPECT_EQ(location.name.state(), MessageState::held);
    auto file = MessageFile::open(**store, location, Access::own);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->hold_reason().value(), "loop: 51 Received lines, limit 50");
    ASSERT_TRUE(file->release({"qm", 1, 1}, "postmaster"));
    EXPECT_EQ(file->hold_reason().value(), "");
}

TEST(MessageWriter, FullDiskIsReportedAndCleanedUp) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = Store::open("/q", {}, disk, clock);
    ASSERT_TRUE(enqueue(**store, {"l"}, {"a@b"}, "warm up"));
    disk.set_fault([](std::string_view call, const std::string&, std::uint64_t) {
        return call == "write" ? ENOSPC : 0;
    });
    {
        auto writer = MessageWriter::create(**store, {"l", 1, 0, {}}, sample_envelope({"a@b"}));
        ASSERT_TRUE(writer);
        const std::string big(100'000, 'x');
        const auto appended = writer->append(big);
        ASSERT_FALSE(appended);
        EXPECT_EQ(appended.error().status(), (StatusCode{4, 3, 1}));
        EXPECT_FALSE(writer->append("more"));
        EXPECT_FALSE(writer->finish());
    }
    EXPECT_TRUE(disk.files_below("/q/l/tmp").empty());
    disk.set_fault({});
    EXPECT_TRUE(enqueue(**store, {"l"}, {"a@b"}, "again"));
}

TEST(MessageWriter, MakesVanishedDirectoriesAgain) {
    test::TemporaryRoot root;
    auto store = Store::open(root.path());
    ASSERT_TRUE(enqueue(**store, {"l"}, {"a@b"}, "one"));
    ASSERT_EQ(std::system(("rm -r " + root.path() + "/l").c_str()), 0);
    EXPECT_TRUE(enqueue(**store, {"l"}, {"a@b"}, "two"));
    ASSERT_EQ(std::system(("rm -r " + root.path() + "/l/000").c_str()), 0);
    (void)enqueue(**store, {"l"}, {"a@b"}, "may fail once");
    EXPECT_TRUE(enqueue(**store, {"l"}, {"a@b"}, "three"));
}

TEST(Store, RefusesARootThatIsNotThere) {
    EXPECT_FALSE(Store::open("/nonexistent/queue"));
    EXPECT_FALSE(Store::open("/dev/null"));
}

TEST(Store, TwoOnOneRootUseDifferentNodes) {
    test::TemporaryRoot root;
    auto one = Store::open(root.path());
    auto two = Store::open(root.path());
    EXPECT_NE(one.value()->next_unique()->substr(10, 2), two.value()->next_unique()->substr(10, 2));
}

TEST(Store, ChannelNamesCannotLeaveTheRoot) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = Store::open("/q", {}, disk, clock);
    for (const char* channel : {"..", ".", "", "a/b", "tcp local", ".commit"}) {
        EXPECT_FALSE(MessageWriter::create(**store, {channel, 1, 0, {}}, sample_envelope({"a@b"})))
            << channel;
    }
}

}  // namespace
}  // namespace sluice::queue
