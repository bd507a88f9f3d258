#include "queue/segment_entry.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "queue/checksum.h"
#include "queue/failure.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

Error unchangeable() {
    return Error::from_errno(EROFS, "change a young message");
}

}  // namespace

Result<std::unique_ptr<EntryFile>> EntryFile::open(
    const Store& store, const SegmentEntry& entry, bool own
) {
    auto segment = store.storage().open(
        store.segments().path(entry.segment), own ? Storage::Open::read_write : Storage::Open::read
    );
    if (!segment) return std::move(segment).error();
    std::unique_ptr<EntryFile> file(new EntryFile(entry, *std::move(segment)));
    if (own) {
        if (auto taken = file->take(); !taken) return std::move(taken).error();
    }
    if (auto live = file->check_live(); !live) return std::move(live).error();
    if (auto read = file->read_octets(store, own); !read) return std::move(read).error();
    return file;
}

Result<void> EntryFile::take() {
    auto locked = segment_->try_lock(segment::mark_offset(entry_.number), segment::mark_size);
    if (!locked) return std::move(locked).error();
    if (!*locked) return busy_error("message is in use: " + entry_.location().relative_path());
    return {};
}

Result<void> EntryFile::check_live() {
    std::string mark(segment::mark_size, '\0');
    auto count = segment_->read_at(segment::mark_offset(entry_.number), mark.data(), mark.size());
    if (!count) return std::move(count).error();
    if (segment::decode_mark(mark) != segment::Mark::live) {
        return gone_error(entry_.location().relative_path());
    }
    return {};
}

// An entry that no later batch vouches for and whose octets are not all there was in flight when
// the power failed: its sender got no answer.
Result<void> EntryFile::read_octets(const Store& store, bool own) {
    octets_.resize(entry_.slot.size);
    auto count = segment_->read_at(entry_.slot.offset, octets_.data(), octets_.size());
    if (!count) return std::move(count).error();
    octets_.resize(*count);
    if (octets_.size() == entry_.slot.size && hash_of(octets_) == entry_.slot.hash) return {};
    auto table = Segments::read_table(*segment_, entry_.segment);
    if (!table) return std::move(table).error();
    const std::string name = entry_.location().relative_path();
    if (entry_.number < table->durable) {
        is_damaged_ = true;
        return {};
    }
    diag::warning(
        "%IMTA-W-TORN, cut off by a crash before it was acknowledged: " + name + " in " +
        store.segments().path(entry_.segment)
    );
    if (own) {
        if (auto marked = set_mark(segment::Mark::cancelled); !marked) return marked;
    }
    return gone_error(name);
}

Result<void> EntryFile::set_mark(segment::Mark mark) {
    return segment_->write_at(segment::mark_offset(entry_.number), segment::encode_mark(mark));
}

Result<void> EntryFile::sync_data() {
    return segment_->sync_data();
}

Result<std::size_t> EntryFile::read_at(std::uint64_t offset, char* to, std::size_t size) {
    if (offset >= octets_.size()) return std::size_t{0};
    return octets_.copy(to, size, offset);
}

Result<FileStatus> EntryFile::status() {
    auto status = segment_->status();
    if (!status) return status;
    status->size = octets_.size();
    return status;
}

int EntryFile::descriptor() const {
    return segment_->descriptor();
}

Result<void> EntryFile::write_at(std::uint64_t /*offset*/, std::string_view /*bytes*/) {
    return unchangeable();
}
Result<void> EntryFile::reserve(std::uint64_t /*offset*/, std::uint64_t /*size*/) {
    return unchangeable();
}
Result<void> EntryFile::set_modified(WallTime /*time*/) {
    return unchangeable();
}
Result<bool> EntryFile::try_lock(std::uint64_t /*offset*/, std::uint64_t /*size*/) {
    return unchangeable();
}
void EntryFile::unlock(std::uint64_t /*offset*/, std::uint64_t /*size*/) {}

}  // namespace sluice::queue
