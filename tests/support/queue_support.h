#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "queue/commit_group.h"
#include "queue/message_file.h"
#include "queue/message_writer.h"
#include "queue/scan.h"
#include "queue/store.h"

namespace sluice::test {

/// A clock that tests move by hand; both clocks go together.
class QueueClock final : public Clock {
public:
    [[nodiscard]] WallTime wall_now() const override { return WallTime(now_.load()); }
    [[nodiscard]] MonoTime mono_now() const override { return MonoTime(now_.load()); }
    void advance(std::chrono::microseconds by) { now_ = now_.load() + by; }

private:
    // 2026-03-02T10:11:07.204Z
    std::atomic<std::chrono::microseconds> now_{std::chrono::microseconds(1772446267204000)};
};

queue::Envelope sample_envelope(const std::vector<std::string>& recipients);

/// Small messages begin in segments.
inline constexpr std::size_t young_limit = 128UL << 10U;
/// Options of a store for a test of both ways: files, or segments first.
queue::StoreOptions options_with(std::size_t limit);

/// Writes a copy for each channel and commits them together, into a segment of their own where the
/// store wants that.
Result<std::vector<queue::MessageLocation>> enqueue(
    queue::Store& store,
    const std::vector<std::string>& channels,
    const std::vector<std::string>& recipients,
    std::string_view content
);

/// All stored content octets.
Result<std::string> read_all(queue::MessageFile& file);
/// Locations of all message files, in any state, sorted by path.
std::vector<queue::MessageLocation> queued(const queue::Store& store);

/// A fresh directory below the build tree's file system, removed with the object.
class TemporaryRoot {
public:
    TemporaryRoot();
    ~TemporaryRoot();
    TemporaryRoot(const TemporaryRoot&) = delete;
    TemporaryRoot& operator=(const TemporaryRoot&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace sluice::test
