#include "queue/scan.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <map>

#include "base/file.h"
#include "queue/failure.h"
#include "queue/name_count.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

using test::DiskModel;
using test::enqueue;
using test::QueueClock;
using test::queued;

using Aliens = std::map<std::string, std::string>;

Aliens aliens(const Store& store) {
    Aliens found;
    ScanVisitor visitor;
    visitor.alien = [&](std::string_view path, std::string_view reason) {
        found[std::string(path)] = reason;
    };
    EXPECT_TRUE(scan_queue(store, visitor));
    return found;
}

class ScanTest : public testing::Test {
protected:
    void SetUp() override { store_ = *Store::open(root_.path()); }
    void touch(const std::string& path) const {
        ASSERT_TRUE(make_directories(directory_of(root_.path() + '/' + path)));
        ASSERT_TRUE(replace_file(root_.path() + '/' + path, "x", 0600));
    }
    test::TemporaryRoot root_;
    std::unique_ptr<Store> store_;
};

TEST_F(ScanTest, FindsAllStatesInAllLayouts) {
    touch("l/000/ZZ84PHKX1L3Q0A0001.00");
    touch("l/009/ZY84PHKX1L3Q0A0002.HELD");
    touch("l/ZZ84PHKX1L3Q0A0003.00");
    touch("hold/000/ZZ84PHKX1L3Q0A0001.BAD");
    std::vector<std::string> paths;
    for (const auto& location : queued(*store_)) paths.push_back(location.relative_path());
    EXPECT_EQ(
        paths, (std::vector<std::string>{
                   "hold/000/ZZ84PHKX1L3Q0A0001.BAD", "l/000/ZZ84PHKX1L3Q0A0001.00",
                   "l/009/ZY84PHKX1L3Q0A0002.HELD", "l/ZZ84PHKX1L3Q0A0003.00"})
    );
    EXPECT_TRUE(aliens(*store_).empty());
    EXPECT_EQ(list_channels(*store_).value(), (std::vector<std::string>{"hold", "l"}));
}

TEST_F(ScanTest, FilesAreCountedByName) {
    touch("l/000/ZZ84PHKX1L3Q0A0001.00");
    touch("l/009/ZY84PHKX1L3Q0A0002.HELD");
    touch("l/ZZ84PHKX1L3Q0A0003.HELD");
    touch("l/009/notes.HELD");
    touch("l/tmp/ZZ84PHKX1L3Q0A0004.HELD");
    touch("hold/000/ZZ84PHKX1L3Q0A0001.BAD");
    touch("tcp_local/000/ZZ84PHKX1L3Q0A0005.00");
    EXPECT_EQ(
        count_names(*store_).value(),
        (std::map<std::string, NameCount>{{"hold", {0, 1}}, {"l", {1, 2}}, {"tcp_local", {1, 0}}})
    );
}

TEST_F(ScanTest, AliensAreReportedAndNeverFollowed) {
    touch("l/000/ZZ84PHKX1L3Q0A0001.00");
    const std::string sub = root_.path() + "/l/000/";
    touch("l/000/core");
    touch("l/000/ZZ84PHKX1L3Q0A0001.00~");
    touch("file-in-root");
    touch("l/other/x");
    touch("l/tmp/84PHKX1L3Q0A0009");
    touch("l/spool/x");
    ASSERT_EQ(::mkdir((sub + "ZZ84PHKX1L3Q0A0005.00").c_str(), 0700), 0);
    ASSERT_EQ(::mkfifo((sub + "ZZ84PHKX1L3Q0A0006.00").c_str(), 0600), 0);
    ASSERT_EQ(::symlink("ZZ84PHKX1L3Q0A0001.00", (sub + "ZZ84PHKX1L3Q0A0007.00").c_str()), 0);
    ASSERT_EQ(::symlink("l", (root_.path() + "/linked").c_str()), 0);
    const Aliens found = aliens(*store_);
    const std::vector<std::string> expected = {
        "file-in-root",
        "l/000/ZZ84PHKX1L3Q0A0001.00~",
        "l/000/ZZ84PHKX1L3Q0A0005.00",
        "l/000/ZZ84PHKX1L3Q0A0006.00",
        "l/000/ZZ84PHKX1L3Q0A0007.00",
        "l/000/core",
        "l/other",
        "linked"};
    std::vector<std::string> names;
    for (const auto& [path, reason] : found) names.push_back(path);
    EXPECT_EQ(names, expected);
    EXPECT_EQ(queued(*store_).size(), 1U);
    for (const char* unique : {"84PHKX1L3Q0A0005", "84PHKX1L3Q0A0006", "84PHKX1L3Q0A0007"}) {
        for (const Access access : {Access::read, Access::own}) {
            auto file = MessageFile::open(*store_, {"l", "000", {0, unique, "00"}}, access);
            ASSERT_FALSE(file) << unique;
            EXPECT_EQ(failure_kind(file.error()), Failure::alien) << file.error().detail();
        }
    }
}

TEST_F(ScanTest, ForeignOwnerIsNotServed) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a file away";
    const auto location = enqueue(*store_, {"l"}, {"a@b"}, "x")->at(0);
    ASSERT_EQ(::chown(location.path(root_.path()).c_str(), 12345, 12345), 0);
    auto file = MessageFile::open(*store_, location, Access::own);
    ASSERT_FALSE(file);
    EXPECT_EQ(failure_kind(file.error()), Failure::alien);
}

TEST_F(ScanTest, SecondFileOfOneMessageIsReported) {
    touch("l/000/ZZ84PHKX1L3Q0A0001.00");
    touch("l/000/ZZ84PHKX1L3Q0A0002.00");
    touch("l/003/ZX84PHKX1L3Q0A0001.00");
    EXPECT_EQ(queued(*store_).size(), 2U);
    EXPECT_EQ(
        aliens(*store_), (Aliens{{"l/003/ZX84PHKX1L3Q0A0001.00", "second file of one message"}})
    );
}

TEST_F(ScanTest, LowerSubdirsStillServesOldFiles) {
    QueueClock clock;  // a thousand messages in a second, whatever this machine does meanwhile
    store_ = *Store::open(root_.path(), {}, posix_storage(), clock);
    std::map<std::string, unsigned> count;
    for (int i = 0; i < 1000; ++i) {
        auto writer =
            MessageWriter::create(*store_, {"l", 10, 0, {}}, test::sample_envelope({"a@b"}));
        auto finished = writer->finish();
        ++count[finished->location().sub_directory];
        clock.advance(std::chrono::milliseconds(1));
        std::vector<FinishedFile> copies;
        copies.push_back(*std::move(finished));
        if (i % 20 == 0) {
            ASSERT_TRUE(commit_now(*store_, std::move(copies)));
        }
    }
    EXPECT_EQ(count.size(), 10U);
    for (const auto& [name, files] : count) {
        EXPECT_GE(files, 60U) << name;
        EXPECT_LE(files, 140U) << name;
    }
    const auto all = queued(*store_);
    EXPECT_EQ(all.size(), 50U);
    for (const MessageLocation& location : all) {
        auto file = MessageFile::open(*store_, location, Access::own);
        ASSERT_TRUE(file);
        EXPECT_TRUE(file->replace_with_remaining({0}, 2));
    }
    for (const MessageLocation& location : queued(*store_)) {
        EXPECT_TRUE(location.sub_directory == "000" || location.sub_directory == "001");
    }
    store_.reset();
}

TEST_F(ScanTest, SweepTakesOldUnlockedFilesOnly) {
    auto live = MessageWriter::create(*store_, {"l", 1, 0, {}}, test::sample_envelope({"a@b"}));
    ASSERT_TRUE(live);
    touch("l/tmp/84PHKX1L3Q0A0009");
    EXPECT_EQ(sweep_temporary_files(*store_, default_tmp_max_age).value(), 0U);
    EXPECT_EQ(sweep_temporary_files(*store_, std::chrono::seconds(-5)).value(), 1U);
    EXPECT_FALSE(file_exists(root_.path() + "/l/tmp/84PHKX1L3Q0A0009"));
    EXPECT_TRUE(file_exists(root_.path() + "/l/tmp/" + live->unique()));
}

TEST_F(ScanTest, SecondMtaOnTheSameRootIsRefused) {
    auto other = *Store::open(root_.path());
    {
        const auto first = RootLock::acquire(*store_);
        ASSERT_TRUE(first);
        const auto second = RootLock::acquire(*other);
        ASSERT_FALSE(second);
        EXPECT_EQ(failure_kind(second.error()), Failure::busy);
        EXPECT_NE(second.error().detail().find(std::to_string(::getpid())), std::string::npos);
    }
    EXPECT_TRUE(RootLock::acquire(*other));
}

TEST_F(ScanTest, RootOthersMayWriteIsRefused) {
    EXPECT_TRUE(check_root(root_.path()).refusals.empty());
    for (const mode_t mode : {0720, 0702, 0777}) {
        ASSERT_EQ(::chmod(root_.path().c_str(), mode), 0);
        EXPECT_EQ(check_root(root_.path()).refusals.size(), 1U) << mode;
    }
    ASSERT_EQ(::chmod(root_.path().c_str(), 0755), 0);
    EXPECT_TRUE(check_root(root_.path()).refusals.empty());
    EXPECT_FALSE(check_root(root_.path()).warnings.empty());
    EXPECT_EQ(check_root(root_.path() + "/none").refusals.size(), 1U);
    EXPECT_EQ(check_root("/dev/null").refusals.size(), 1U);
}

TEST(RootCheck, KnowsFileSystemsThatKeepNothing) {
    struct stat status {};
    if (::stat("/dev/shm", &status) != 0) GTEST_SKIP() << "no /dev/shm";
    EXPECT_FALSE(check_root("/dev/shm").syncs_are_real);
}

TEST(Scan, EmptyRootAndMissingChannelHaveNoMessages) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    EXPECT_TRUE(queued(*store).empty());
    EXPECT_TRUE(scan_channel(*store, "none", {}));
}

TEST(Scan, ReadErrorIsReported) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    ASSERT_TRUE(enqueue(*store, {"l"}, {"a@b"}, "x"));
    disk.set_fault([](std::string_view call, const std::string&, std::uint64_t) {
        return call == "list" ? EIO : 0;
    });
    EXPECT_FALSE(scan_queue(*store, {}));
    EXPECT_FALSE(scan_channel(*store, "l", {}));
}

/// A directory of a million names that cost nothing.
class EndlessStorage final : public DiskModel {
public:
    using DiskModel::DiskModel;
    Result<void> list(const std::string& path, const Visit& visit) override {
        if (path == "/q") visit("l", FileKind::directory);
        if (path == "/q/l") visit("000", FileKind::directory);
        if (path != "/q/l/000") return {};
        UniqueIds ids("0A");
        for (int i = 0; i < 1'000'000; ++i) {
            visit(
                "ZZ" + ids.next(WallTime(std::chrono::microseconds(i))) + ".00", FileKind::regular
            );
        }
        return {};
    }
};

TEST(Scan, AMillionNamesTakeSeconds) {
    EndlessStorage disk("/q");
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    std::size_t count = 0;
    ScanVisitor visitor;
    visitor.message = [&](const ScannedMessage&) { ++count; };
    const auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(scan_queue(*store, visitor));
    EXPECT_EQ(count, 1'000'000U);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace sluice::queue
