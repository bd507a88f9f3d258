#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "queue/segments.h"
#include "queue/storage.h"

namespace sluice::queue {

class Store;

/// One young message, opened: its octets, read and checked. Stands in for the message file's
/// StorageFile; offsets count from the entry's begin. Not for use from two threads.
class EntryFile final : public StorageFile {
public:
    /// Fails with `gone` where the entry is no longer live or was never complete, `busy` where
    /// another program has it.
    static Result<std::unique_ptr<EntryFile>> open(
        const Store& store, const SegmentEntry& entry, bool own
    );

    [[nodiscard]] const SegmentEntry& entry() const { return entry_; }
    [[nodiscard]] const std::string& octets() const { return octets_; }
    /// It was acknowledged, and its octets are not those that were written.
    [[nodiscard]] bool is_damaged() const { return is_damaged_; }
    /// Whether the segment still has it as a message.
    [[nodiscard]] bool is_live() { return check_live().has_value(); }
    /// Durable only after the segment's next sync.
    Result<void> set_mark(segment::Mark mark);
    Result<void> sync_data() override;

    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t size) override;
    Result<FileStatus> status() override;
    [[nodiscard]] int descriptor() const override;
    [[nodiscard]] std::uint64_t descriptor_offset() const override { return entry_.slot.offset; }
    void start_sync() override {}

    // An entry never changes: what is to change becomes a file first.
    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override;
    Result<void> reserve(std::uint64_t offset, std::uint64_t size) override;
    Result<void> set_modified(WallTime time) override;
    Result<bool> try_lock(std::uint64_t offset, std::uint64_t size) override;
    void unlock(std::uint64_t offset, std::uint64_t size) override;

private:
    EntryFile(SegmentEntry entry, std::unique_ptr<StorageFile> segment)
        : entry_(std::move(entry)), segment_(std::move(segment)) {}
    Result<void> check_live();
    Result<void> take();
    Result<void> read_octets(const Store& store, bool own);

    SegmentEntry entry_;
    std::unique_ptr<StorageFile> segment_;
    std::string octets_;
    bool is_damaged_ = false;
};

}  // namespace sluice::queue
