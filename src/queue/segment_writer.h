#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "queue/message_name.h"
#include "queue/segment_format.h"

namespace sluice::queue {

class Store;
class StorageFile;

/// A message file's octets on their way into a segment.
struct YoungMessage {
    const MessageLocation* location = nullptr;
    std::string_view octets;
};

/// Whether a message copy may begin its life in a segment: never tried, not held, and described by
/// a slot.
[[nodiscard]] bool fits_segment(const MessageLocation& location);

/// The segment that one committer appends to. What append() wrote is locked, so that nobody
/// delivers it, until release() or cancel(). After a failure the segment is never written or synced
/// again: the kernel may have dropped its pages; the next append() begins another one. Not for use
/// from two threads; one batch at a time.
class SegmentWriter {
public:
    explicit SegmentWriter(Store& store) : store_(store) {}
    ~SegmentWriter();
    SegmentWriter(const SegmentWriter&) = delete;
    SegmentWriter& operator=(const SegmentWriter&) = delete;

    /// At most slot_count messages, not synced. A batch that the segment has no room for begins the
    /// next one.
    Result<void> append(std::span<const YoungMessage> messages);
    /// Octets, slots, and the name of a new segment: durable on return.
    Result<void> sync();
    /// The batch counts: everybody may deliver it.
    void release();
    /// The batch was never acknowledged: nobody shall deliver it. The segment is given up.
    void cancel();
    /// The same for one message of the batch, by its place in it; the others go on to release().
    void cancel_one(std::size_t index);

private:
    Result<void> open_next();
    Result<void> write(std::span<const YoungMessage> messages);
    void close();

    Store& store_;
    std::unique_ptr<StorageFile> file_;
    std::string id_;
    bool is_name_durable_ = false;
    std::uint32_t next_slot_ = 0;
    std::uint32_t durable_slots_ = 0;
    std::uint64_t end_ = 0;          ///< where the next entry begins
    std::uint32_t batch_begin_ = 0;  ///< slots of the batch: from here to next_slot_
    bool is_locked_ = false;
};

}  // namespace sluice::queue
