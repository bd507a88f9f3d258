#include "queue/message_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "queue/scan.h"
#include "queue/storage.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

const std::string content = "Subject: x\r\n\r\nx\r\n";

/// Files and young messages, on a real disk.
class Reader : public testing::TestWithParam<std::size_t> {
protected:
    MessageLocation enqueue(const std::string& channel) {
        return test::enqueue(*store_, {channel}, {"a@x"}, content).value().front();
    }

    test::TemporaryRoot root_;
    std::unique_ptr<Store> store_ = *Store::open(root_.path(), test::options_with(GetParam()));
    MessageReader reader_{*store_};
};

TEST_P(Reader, OpensWhereverTheMessageIs) {
    const MessageLocation first = enqueue("l");
    const MessageLocation second = enqueue("tcp_local");
    for (const MessageLocation& location : {first, second, first}) {
        auto file = reader_.open(location);
        ASSERT_TRUE(file);
        EXPECT_EQ(file->location(), location);
        EXPECT_EQ(test::read_all(*file).value(), content);
        EXPECT_EQ(file->identity().inode == 0, GetParam() != 0);
    }
    auto owned = MessageFile::open(*store_, first, Access::own);
    ASSERT_TRUE(owned);
    ASSERT_TRUE(owned->rename_attempt());
    const auto renamed = reader_.open(first);
    ASSERT_TRUE(renamed);
    EXPECT_EQ(renamed->location().name.attempts, 1U);
    EXPECT_NE(renamed->identity().inode, 0U);
    ASSERT_TRUE(owned->remove());
    const auto gone = reader_.open(first);
    ASSERT_FALSE(gone);
    EXPECT_EQ(failure_kind(gone.error()), Failure::gone);
}

INSTANTIATE_TEST_SUITE_P(Ways, Reader, testing::Values(0, test::young_limit));

class Peek : public testing::Test {
protected:
    MessageLocation put(const std::string& sender, const std::string& owner = "mta") {
        Envelope envelope = test::sample_envelope({"a@x"});
        envelope.sender = sender;
        envelope.owner = owner;
        auto writer = MessageWriter::create(*store_, {"l", 1, 0, {}}, envelope);
        EXPECT_TRUE(writer);
        EXPECT_TRUE(writer->append(content));
        std::vector<FinishedFile> files;
        files.push_back(*writer->finish());
        const MessageLocation location = files.front().location();
        EXPECT_TRUE(commit_now(*store_, std::move(files)));
        return location;
    }

    test::TemporaryRoot root_;
    std::unique_ptr<Store> store_ = *Store::open(root_.path());
    MessageReader reader_{*store_};
};

TEST_F(Peek, SeesTheSenderAsTheEnvelopeHasIt) {
    for (const std::string sender : {"adam@sesta.example", "", "\"a\\b\"@x", "\"a\nm;b\"@x"}) {
        const auto location = put(sender);
        EXPECT_EQ(reader_.peek_sender(location), sender);
        EXPECT_EQ(reader_.open(location)->envelope().sender, sender);
    }
}

TEST_F(Peek, SaysNothingWhereItCannotTell) {
    EXPECT_EQ(reader_.peek_sender(put("adam@x", std::string(3000, 'o'))), std::nullopt);
    MessageLocation location = put("adam@x");
    location.name.attempts = 5;
    EXPECT_EQ(reader_.peek_sender(location), std::nullopt);
    location.channel = "nowhere";
    EXPECT_EQ(reader_.peek_sender(location), std::nullopt);
}

TEST_P(Reader, MayBePreparedForWhatIsThereAndForWhatIsNot) {
    std::vector<MessageLocation> locations;
    for (int i = 0; i < 9; ++i) locations.push_back(enqueue("l"));
    locations[4].channel = "nowhere";
    locations[5].name.attempts = 7;
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, locations.size()}) {
        reader_.prepare(
            count, [&](std::size_t i) -> const auto& { return locations[i]; }
        );
    }
    EXPECT_TRUE(reader_.open(locations[8]));
}

TEST(StorageDirectories, WalkThePathWhereNothingBetterIsKnown) {
    test::DiskModel disk("/q");
    disk.plant("/q/file", "text");
    const auto directory = disk.open_directory("/q");
    ASSERT_TRUE(directory);
    const auto file = (*directory)->open_to_read("file");
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)->read_range(1, 100).value(), "ext");
    EXPECT_FALSE((*directory)->open_to_read("nothing"));
}

TEST(StorageDirectories, OfTheMachineFollowNoLinks) {
    const test::TemporaryRoot root;
    std::filesystem::create_directory(root.path() + "/real");
    std::filesystem::create_symlink("real", root.path() + "/link");
    std::filesystem::create_symlink("/etc/passwd", root.path() + "/real/file");
    EXPECT_FALSE(posix_storage().open_directory(root.path() + "/link"));
    const auto directory = posix_storage().open_directory(root.path() + "/real");
    ASSERT_TRUE(directory);
    EXPECT_FALSE((*directory)->open_to_read("file"));
}

TEST(StorageDirectories, TheDiskIsAskedForWhatIsNotInMemory) {
    const test::TemporaryRoot root;
    const std::string path = root.path() + "/file";
    ASSERT_TRUE(posix_storage().create(path).value()->write_at(0, std::string(9000, 'x')));
    const auto directory = *posix_storage().open_directory(root.path());
    EXPECT_TRUE(directory->start_reading("file", 4096));
    EXPECT_TRUE(directory->start_reading("nothing", 4096));
    auto file = *posix_storage().open(path, Storage::Open::read_write);
    ASSERT_TRUE(file->sync_data());
    ASSERT_EQ(::posix_fadvise(file->descriptor(), 0, 0, POSIX_FADV_DONTNEED), 0);
    // A file system that keeps everything in memory never forgets.
    const bool is_forgotten = !directory->start_reading("file", 4096);
    EXPECT_EQ(is_forgotten, check_root(root.path()).syncs_are_real);
    EXPECT_EQ(file->read_range(0, 3).value(), "xxx");
    EXPECT_TRUE(directory->start_reading("file", 4096));
}

TEST(StorageDirectories, AreListedByPlaceWholeAndEachNameOnce) {
    const test::TemporaryRoot root;
    std::set<std::string> names;
    std::vector<std::uint64_t> places;
    for (int i = 0; i < 500; ++i) {
        names.insert("f" + std::to_string(i * 7919));
        ASSERT_TRUE(posix_storage().create(root.path() + "/f" + std::to_string(i * 7919)));
    }
    std::set<std::string> found;
    const auto visit = [&](std::string_view name, FileKind kind) {
        EXPECT_EQ(kind, FileKind::regular);
        EXPECT_TRUE(found.emplace(name).second);
        places.push_back(posix_storage().status(root.path() + '/' + std::string(name))->inode);
    };
    ASSERT_TRUE(posix_storage().list_by_place(root.path(), visit));
    EXPECT_EQ(found, names);
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
    EXPECT_FALSE(posix_storage().list_by_place(root.path() + "/nothing", visit));
}

}  // namespace
}  // namespace sluice::queue
