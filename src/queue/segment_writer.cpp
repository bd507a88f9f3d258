#include "queue/segment_writer.h"

#include <algorithm>
#include <cassert>

#include "base/kill_point.h"
#include "base/log.h"
#include "queue/checksum.h"
#include "queue/failure.h"
#include "queue/segments.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

constexpr std::uint64_t alignment = 8;

std::uint64_t aligned(std::uint64_t offset) {
    return (offset + alignment - 1) / alignment * alignment;
}

/// The lock on the first octet says that somebody appends. Until it is there the file looks
/// abandoned, and may be removed.
Result<void> claim_for_appending(StorageFile& file, const std::string& path) {
    auto locked = file.try_lock(0, 1);
    if (!locked) return std::move(locked).error();
    if (!*locked) return busy_error("new segment " + path);
    auto status = file.status();
    if (!status) return std::move(status).error();
    if (status->links != 1) return gone_error("new segment " + path);
    return {};
}

}  // namespace

bool fits_segment(const MessageLocation& location) {
    return location.name.attempts == 0 && location.name.suffix == "00" &&
           location.channel.size() <= segment::max_channel_length &&
           is_sub_directory_name(location.sub_directory);
}

SegmentWriter::~SegmentWriter() {
    if (is_locked_) cancel();
}

Result<void> SegmentWriter::append(std::span<const YoungMessage> messages) {
    assert(!is_locked_ && !messages.empty() && messages.size() <= segment::slot_count);
    const bool has_room =
        next_slot_ + messages.size() <= segment::slot_count && end_ < segment::size_limit;
    if (file_ && !has_room) close();
    if (!file_) {
        if (auto opened = open_next(); !opened) {
            if (file_) (void)store_.storage().unlink(store_.segments().path(id_));
            close();
            return opened;
        }
    }
    auto written = write(messages);
    if (!written) cancel();
    return written;
}

Result<void> SegmentWriter::open_next() {
    auto id = store_.next_unique();
    if (!id) return std::move(id).error();
    id_ = *std::move(id);
    if (auto ready = store_.segments().make_directory(); !ready) return ready;
    const std::string path = store_.segments().path(id_);
    auto file = store_.storage().create(path);
    if (!file) return std::move(file).error();
    file_ = *std::move(file);
    if (auto claimed = claim_for_appending(*file_, path); !claimed) return claimed;
    next_slot_ = durable_slots_ = batch_begin_ = 0;
    end_ = segment::entries_at;
    is_name_durable_ = false;
    kill_point("queue.segment.created");
    // The marks get their blocks now: messages must be able to leave when the disk is full.
    std::string head = segment::encode_header(id_);
    head.resize(segment::slots_at);
    return file_->write_at(0, head);
}

// Octets before slots: who finds a slot finds what it describes, unless the power fails in between;
// then the checksum of the octets tells.
Result<void> SegmentWriter::write(std::span<const YoungMessage> messages) {
    std::string octets;
    std::string slots;
    slots.reserve(messages.size() * segment::slot_size);
    std::uint32_t number = next_slot_;
    for (const YoungMessage& message : messages) {
        octets.resize(aligned(octets.size()));
        segment::Slot slot;
        slot.offset = end_ + octets.size();
        slot.size = message.octets.size();
        slot.hash = hash_of(message.octets);
        slot.durable_before = durable_slots_;
        slot.sub_directory = static_cast<unsigned>(std::stoul(message.location->sub_directory));
        slot.unique = message.location->name.unique;
        slot.channel = message.location->channel;
        segment::append_slot(slots, slot, number++, id_);
        octets.append(message.octets);
    }
    batch_begin_ = next_slot_;
    next_slot_ = number;
    is_locked_ = true;
    auto locked =
        file_->try_lock(segment::mark_offset(batch_begin_), messages.size() * segment::mark_size);
    if (!locked) return std::move(locked).error();
    if (auto written = file_->write_at(end_, octets); !written) return written;
    end_ = aligned(end_ + octets.size());
    kill_point("queue.segment.octets_written");
    if (auto written = file_->write_at(segment::slot_offset(batch_begin_), slots); !written) {
        return written;
    }
    kill_point("queue.segment.slots_written");
    return {};
}

Result<void> SegmentWriter::sync() {
    if (auto synced = file_->sync_data(); !synced) return synced;
    kill_point("queue.segment.synced");
    if (!is_name_durable_) {
        auto synced = store_.storage().sync_directory(store_.segments().directory());
        if (!synced) return synced;
        is_name_durable_ = true;
        kill_point("queue.segment.name_synced");
    }
    durable_slots_ = next_slot_;
    return {};
}

void SegmentWriter::release() {
    const std::uint32_t count = next_slot_ - batch_begin_;
    file_->unlock(segment::mark_offset(batch_begin_), count * segment::mark_size);
    is_locked_ = false;
}

// What cannot be marked may be delivered although the sender was told otherwise. The marks are not
// synced: the segment may be one whose sync has failed.
void SegmentWriter::cancel() {
    std::string marks;
    for (std::uint32_t i = batch_begin_; i < next_slot_; ++i) {
        marks += segment::encode_mark(segment::Mark::cancelled);
    }
    if (file_ && !marks.empty()) {
        auto marked = file_->write_at(segment::mark_offset(batch_begin_), marks);
        if (!marked) {
            diag::warning(
                "%IMTA-E-ORPHAN, not acknowledged and not removed: entries " +
                std::to_string(batch_begin_) + " to " + std::to_string(next_slot_ - 1) + " of " +
                store_.segments().path(id_) + ": " + marked.error().detail()
            );
        }
    }
    is_locked_ = false;
    close();
}

void SegmentWriter::cancel_one(std::size_t index) {
    const auto number = batch_begin_ + static_cast<std::uint32_t>(index);
    auto marked = file_->write_at(
        segment::mark_offset(number), segment::encode_mark(segment::Mark::cancelled)
    );
    if (!marked) {
        diag::warning(
            "%IMTA-E-ORPHAN, not acknowledged and not removed: entry " + std::to_string(number) +
            " of " + store_.segments().path(id_) + ": " + marked.error().detail()
        );
    }
}

void SegmentWriter::close() {
    file_.reset();
    next_slot_ = batch_begin_ = durable_slots_ = 0;
}

}  // namespace sluice::queue
