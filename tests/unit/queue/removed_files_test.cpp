#include "queue/removed_files.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "queue/storage.h"

namespace sluice::queue {
namespace {

/// Where files were closed, and how many.
struct Closings {
    std::mutex mutex;
    std::multiset<std::thread::id> threads;

    void note() {
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
    }
};

/// A file whose last close takes as long as the disk likes.
class ClosingFile final : public StorageFile {
public:
    ClosingFile(Closings& closings, std::chrono::microseconds takes)
        : closings_(closings), takes_(takes) {}
    ~ClosingFile() override {
        const auto end = std::chrono::steady_clock::now() + takes_;
        while (std::chrono::steady_clock::now() < end) {
        }
        closings_.note();
    }
    Result<void> write_at(std::uint64_t /*offset*/, std::string_view /*bytes*/) override {
        return {};
    }
    Result<std::size_t> read_at(std::uint64_t, char*, std::size_t) override { return 0UL; }
    Result<void> reserve(std::uint64_t, std::uint64_t) override { return {}; }
    void start_sync() override {}
    Result<void> sync_data() override { return {}; }
    Result<FileStatus> status() override { return FileStatus{}; }
    Result<void> set_modified(WallTime) override { return {}; }
    Result<bool> try_lock(std::uint64_t, std::uint64_t) override { return true; }
    void unlock(std::uint64_t, std::uint64_t) override {}
    [[nodiscard]] int descriptor() const override { return -1; }

private:
    Closings& closings_;
    std::chrono::microseconds takes_;
};

constexpr std::chrono::milliseconds slow{1};

TEST(RemovedFiles, AllAreClosedAtTheEndAndSlowOnesByOthers) {
    Closings closings;
    {
        RemovedFiles files;
        for (int i = 0; i < 200; ++i) files.close(std::make_unique<ClosingFile>(closings, slow));
    }
    EXPECT_EQ(closings.threads.size(), 200U);
    // The first shows that closing is slow; the caller helps only where too many wait.
    EXPECT_LT(closings.threads.count(std::this_thread::get_id()), 200U);
    EXPECT_GE(closings.threads.count(std::this_thread::get_id()), 1U);
}

TEST(RemovedFiles, NothingIsNoFile) {
    RemovedFiles files;
    files.close(nullptr);
}

}  // namespace
}  // namespace sluice::queue
