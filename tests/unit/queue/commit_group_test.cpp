#include "queue/commit_group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

using test::DiskModel;
using test::QueueClock;
using test::sample_envelope;

std::vector<FinishedFile> copies_for(
    Store& store, const std::vector<std::string>& channels, std::string_view content
) {
    std::vector<FinishedFile> copies;
    for (const std::string& channel : channels) {
        auto writer = MessageWriter::create(store, {channel, 4, 0, {}}, sample_envelope({"a@b"}));
        EXPECT_TRUE(writer) << writer.error().to_debug_string();
        EXPECT_TRUE(writer->append(content));
        auto finished = writer->finish();
        EXPECT_TRUE(finished);
        copies.push_back(*std::move(finished));
    }
    return copies;
}

/// Counts answers and lets a test wait for them.
class Answers {
public:
    CommitDone counter() {
        return [this](const Result<void>& outcome) {
            const std::lock_guard lock(mutex_);
            ++(outcome ? good_ : bad_);
            changed_.notify_all();
        };
    }
    void wait_for(unsigned count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return good_ + bad_ >= count; });
    }
    unsigned good() {
        const std::lock_guard lock(mutex_);
        return good_;
    }
    unsigned bad() {
        const std::lock_guard lock(mutex_);
        return bad_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    unsigned good_ = 0;
    unsigned bad_ = 0;
};

class CommitGroupTest : public testing::TestWithParam<CommitGroupOptions> {
protected:
    void SetUp() override { store_ = *Store::open("/q", {}, disk_, clock_); }
    DiskModel disk_{"/q"};
    QueueClock clock_;
    std::unique_ptr<Store> store_;
};

TEST_P(CommitGroupTest, EveryMessageOfManySessionsIsThereOnce) {
    constexpr unsigned sessions = 8;
    constexpr unsigned each = 25;
    Answers answers;
    {
        CommitGroup group(*store_, GetParam());
        std::vector<std::thread> threads;
        for (unsigned session = 0; session < sessions; ++session) {
            threads.emplace_back([&] {
                for (unsigned i = 0; i < each; ++i) {
                    group.submit(copies_for(*store_, {"l", "tcp_local"}, "x"), answers.counter());
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
        answers.wait_for(sessions * each);
    }
    EXPECT_EQ(answers.good(), sessions * each);
    EXPECT_EQ(test::queued(*store_).size(), 2 * sessions * each);
    EXPECT_TRUE(disk_.files_below("/q/l/tmp").empty());
}

TEST_P(CommitGroupTest, EndsOnlyAfterAllThatWasSubmitted) {
    Answers answers;
    {
        CommitGroup group(*store_, GetParam());
        for (int i = 0; i < 50; ++i)
            group.submit(copies_for(*store_, {"l"}, "x"), answers.counter());
    }
    EXPECT_EQ(answers.good(), 50U);
}

TEST_P(CommitGroupTest, FailingSyncsHurtOnlyTheirOwnMessages) {
    disk_.set_fault([](std::string_view call, const std::string& path, std::uint64_t) {
        return call == "sync" && path.back() % 3 == 0 ? EIO : 0;
    });
    Answers answers;
    {
        CommitGroup group(*store_, GetParam());
        for (int i = 0; i < 60; ++i) {
            group.submit(copies_for(*store_, {"l", "tcp_local"}, "x"), answers.counter());
        }
    }
    EXPECT_GT(answers.good(), 0U);
    EXPECT_GT(answers.bad(), 0U);
    EXPECT_EQ(answers.good() + answers.bad(), 60U);
    EXPECT_EQ(test::queued(*store_).size(), 2 * answers.good());
    EXPECT_EQ(disk_.forbidden_syncs(), 0U);
    EXPECT_TRUE(disk_.files_below("/q/l/tmp").empty());
}

INSTANTIATE_TEST_SUITE_P(
    Shapes,
    CommitGroupTest,
    testing::Values(
        CommitGroupOptions{},
        CommitGroupOptions{std::chrono::milliseconds(0), 1, 0, 256},
        CommitGroupOptions{std::chrono::milliseconds(5), 1, 4, 3},
        CommitGroupOptions{std::chrono::milliseconds(1), 4, 2, 1}
    )
);

TEST(CommitGroup, CallsBackOutsideTheSubmittersThreadAndAfterTheLockIsGone) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    CommitGroup group(*store);
    auto copies = copies_for(*store, {"l"}, "x");
    const MessageLocation location = copies.front().location();
    std::thread::id called_on;
    bool could_own = false;
    Answers answers;
    const CommitDone count = answers.counter();
    group.submit(std::move(copies), [&](const Result<void>& outcome) {
        called_on = std::this_thread::get_id();
        could_own = MessageFile::open(*store, location, Access::own).has_value();
        count(outcome);
    });
    answers.wait_for(1);
    EXPECT_NE(called_on, std::this_thread::get_id());
    EXPECT_TRUE(could_own);
}

TEST(CommitGroup, LoneMessageDoesNotWaitForCompany) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    CommitGroupOptions options;
    options.delay = std::chrono::hours(1);
    CommitGroup group(*store, options);
    Answers answers;
    for (unsigned i = 1; i <= 5; ++i) {
        group.submit(copies_for(*store, {"l"}, "x"), answers.counter());
        answers.wait_for(i);
    }
    EXPECT_EQ(answers.good(), 5U);
    EXPECT_EQ(group.statistics().messages, 5U);
}

/// Lets a test look around at the moment before names are synced.
class WatchedDisk final : public DiskModel {
public:
    using DiskModel::DiskModel;
    std::function<void()> before_sync_directory;
    Result<void> sync_directory(const std::string& path) override {
        if (before_sync_directory) before_sync_directory();
        return DiskModel::sync_directory(path);
    }
};

// Without 250 nothing is delivered: a worker that finds the new name too early gets no lock.
TEST(Commit, MessageIsLockedUntilItIsAcknowledged) {
    WatchedDisk disk("/q");
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    auto copies = copies_for(*store, {"l"}, "x");
    const MessageLocation location = copies.front().location();
    std::optional<Failure> early;
    disk.before_sync_directory = [&] {
        const auto file = MessageFile::open(*store, location, Access::own);
        if (!file) early = failure_kind(file.error());
    };
    ASSERT_TRUE(commit_now(*store, std::move(copies)));
    disk.before_sync_directory = {};
    EXPECT_EQ(early, Failure::busy);
    EXPECT_TRUE(MessageFile::open(*store, location, Access::own));
}

TEST(Commit, FailedDirectorySyncTakesAllCopiesBack) {
    DiskModel disk("/q");
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    auto copies = copies_for(*store, {"l", "tcp_local"}, "x");
    disk.set_fault([&](std::string_view call, const std::string& path, std::uint64_t) {
        return call == "sync_directory" && path.starts_with("/q/tcp_local") ? EIO : 0;
    });
    EXPECT_FALSE(commit_now(*store, std::move(copies)));
    disk.set_fault({});
    EXPECT_TRUE(test::queued(*store).empty());
}

/// Each storage call of a commit fails once, with each error: all copies or none, nothing left
/// behind, the next message goes through.
class CommitFaults : public testing::TestWithParam<int> {};

TEST_P(CommitFaults, LeaveAllCopiesOrNone) {
    unsigned failed = 0;
    for (std::uint64_t at = 1;; ++at) {
        DiskModel disk("/q");
        QueueClock clock;
        auto store = *Store::open("/q", {}, disk, clock);
        ASSERT_TRUE(test::enqueue(*store, {"l", "tcp_local"}, {"warm@up"}, "x"));
        ASSERT_EQ(test::queued(*store).size(), 2U);
        const std::uint64_t start = disk.calls();
        bool reached = false;
        disk.set_fault([&](std::string_view, const std::string&, std::uint64_t number) {
            if (number != start + at) return 0;
            reached = true;
            return GetParam();
        });
        const auto outcome = test::enqueue(*store, {"l", "tcp_local"}, {"a@b"}, "content");
        disk.set_fault({});
        if (!reached) {
            EXPECT_TRUE(outcome);
            break;
        }
        if (!outcome) {
            ++failed;
            EXPECT_FALSE(outcome.error().is_permanent());
        }
        EXPECT_EQ(test::queued(*store).size(), outcome ? 4U : 2U) << "call " << at;
        EXPECT_EQ(disk.files_below("/q/l/tmp").size(), 0U) << "call " << at;
        EXPECT_EQ(disk.files_below("/q/tcp_local/tmp").size(), 0U) << "call " << at;
        EXPECT_EQ(disk.forbidden_syncs(), 0U);
        EXPECT_TRUE(test::enqueue(*store, {"l"}, {"a@b"}, "content")) << "call " << at;
    }
    EXPECT_GE(failed, 10U);
}

INSTANTIATE_TEST_SUITE_P(Errors, CommitFaults, testing::Values(EIO, ENOSPC, EDQUOT, EMFILE));

// While the committer tells the first message's sender, the others come in.
TEST(CommitBatch, TakesSoManyAndNoMore) {
    constexpr unsigned many = 600;
    DiskModel disk("/q");
    const QueueClock clock;
    const auto store = *Store::open("/q", {}, disk, clock);
    Answers answers;
    std::mutex gate;
    CommitGroupOptions options;
    options.committers = 1;
    const std::size_t limit = options.batch_limit;
    ASSERT_EQ(limit, 256U) << "docs/limits.md says so";
    CommitGroup group(*store, options);
    {
        const std::lock_guard closed(gate);
        group.submit(copies_for(*store, {"l"}, "first"), [&](const Result<void>& outcome) {
            const std::lock_guard open(gate);
            answers.counter()(outcome);
        });
        while (group.statistics().messages == 0) std::this_thread::yield();
        for (unsigned i = 0; i < many; ++i)
            group.submit(copies_for(*store, {"l"}, "one of many"), answers.counter());
    }
    answers.wait_for(many + 1);
    EXPECT_EQ(answers.good(), many + 1);
    EXPECT_EQ(group.statistics().largest_batch, limit);
    EXPECT_EQ(group.statistics().batches, 4U) << "1, 256, 256, 88";
    EXPECT_EQ(test::queued(*store).size(), many + 1);
}

}  // namespace
}  // namespace sluice::queue
