#include "queue/segments.h"

#include <algorithm>
#include <utility>

#include "queue/checksum.h"
#include "queue/failure.h"
#include "queue/storage.h"

namespace sluice::queue {

namespace {

/// Slots read at once when looking for new ones.
constexpr std::uint32_t slots_ahead = 64;
/// The part of a unique part that names the process that made it.
constexpr std::size_t node_at = 10;
constexpr std::size_t node_length = 2;
constexpr std::size_t own_unique_length = 16;

std::string_view node_of(std::string_view unique) {
    return unique.substr(node_at, node_length);
}

Result<void> read_header(StorageFile& file, std::string_view id) {
    auto header = file.read_range(0, segment::encoded_header_size());
    if (!header) return std::move(header).error();
    return segment::check_header(*header, id);
}

}  // namespace

MessageLocation SegmentEntry::location() const {
    return {slot.channel, sub_directory_name(slot.sub_directory), {0, slot.unique, "00"}};
}

Segments::Segments(std::string root, Storage& storage)
    : directory_(std::move(root) + '/' + std::string(segment::directory_name)), storage_(storage) {}

std::string Segments::path(std::string_view id) const {
    return std::string(directory_).append("/").append(id).append(segment::name_suffix);
}

Result<void> Segments::make_directory() {
    const std::lock_guard lock(mutex_);
    if (is_directory_durable_) return {};
    if (auto made = storage_.make_directory(directory_); !made) return made;
    const std::string root = directory_.substr(0, directory_.rfind('/'));
    if (auto synced = storage_.sync_directory(root); !synced) return synced;
    is_directory_durable_ = true;
    return {};
}

Result<std::vector<std::string>> Segments::list() const {
    std::vector<std::string> ids;
    auto listed = storage_.list(directory_, [&](std::string_view name, FileKind kind) {
        const auto id = segment::id_of(name);
        if (kind == FileKind::regular && id) ids.emplace_back(*id);
    });
    if (!listed && failure_kind(listed.error()) != Failure::gone) return std::move(listed).error();
    std::sort(ids.begin(), ids.end());
    return ids;
}

Result<segment::Mark> Segments::mark_of(const SegmentEntry& entry) const {
    auto file = storage_.open(path(entry.segment), Storage::Open::read);
    if (!file && failure_kind(file.error()) == Failure::gone) return segment::Mark::removed;
    if (!file) return std::move(file).error();
    auto mark = (**file).read_range(segment::mark_offset(entry.number), segment::mark_size);
    if (!mark) return std::move(mark).error();
    return segment::decode_mark(*mark);
}

Result<SegmentTable> Segments::read_table(StorageFile& file, std::string_view id) {
    if (auto header = read_header(file, id); !header) return std::move(header).error();
    constexpr std::size_t size = segment::entries_at - segment::marks_at;
    auto octets = file.read_range(segment::marks_at, size);
    if (!octets) return std::move(octets).error();
    octets->resize(size, '\0');
    const std::string_view marks(*octets);
    const std::string_view slots = marks.substr(segment::slots_at - segment::marks_at);
    SegmentTable table;
    for (std::uint32_t number = 0; number < segment::slot_count; ++number) {
        auto decoded = segment::decode_slot(
            slots.substr(number * segment::slot_size, segment::slot_size), number, id
        );
        if (decoded.state == segment::SlotState::empty) continue;
        if (decoded.state == segment::SlotState::damaged) {
            ++table.damaged;
            continue;
        }
        table.durable = std::max(table.durable, decoded.slot.durable_before);
        table.rows.push_back(
            {number,
             segment::decode_mark(marks.substr(number * segment::mark_size, segment::mark_size)),
             std::move(decoded.slot)}
        );
    }
    return table;
}

Result<std::optional<SegmentEntry>> Segments::find(std::string_view unique) {
    if (unique.size() != own_unique_length) return std::optional<SegmentEntry>();
    const std::lock_guard lock(mutex_);
    if (auto known = look_up(unique)) return known;
    if (auto read = refresh(node_of(unique)); !read) return std::move(read).error();
    return look_up(unique);
}

std::optional<SegmentEntry> Segments::look_up(std::string_view unique) const {
    const auto found = places_.find(hash_of(unique));
    if (found == places_.end()) return std::nullopt;
    const Place& place = found->second;
    SegmentEntry entry;
    entry.segment = place.segment;
    entry.number = place.number;
    entry.slot.offset = place.offset;
    entry.slot.size = place.size;
    entry.slot.hash = place.hash;
    entry.slot.sub_directory = place.sub_directory;
    entry.slot.unique = unique;
    entry.slot.channel = place.channel;
    return entry;
}

/// Forgets segments that are gone, and reads what is new in those of one process.
Result<void> Segments::refresh(std::string_view node) {
    auto ids = list();
    if (!ids) return std::move(ids).error();
    for (auto at = known_.begin(); at != known_.end();) {
        const auto next = std::next(at);
        if (!std::binary_search(ids->begin(), ids->end(), at->first)) forget(at);
        at = next;
    }
    for (const std::string& id : *ids) {
        if (id.size() != own_unique_length || node_of(id) != node) continue;
        const auto segment = known_.try_emplace(id).first;
        auto read = read_on(*segment);
        if (read) continue;
        const Failure failure = failure_kind(read.error());
        forget(segment);
        // Its messages are not here, whatever is wrong with it; the scan reports it.
        if (failure == Failure::io) return read;
    }
    return {};
}

void Segments::forget(KnownSegments::iterator segment) {
    for (const std::uint64_t hash : segment->second.hashes) {
        const auto place = places_.find(hash);
        if (place != places_.end() && place->second.segment == segment->first) {
            places_.erase(place);
        }
    }
    known_.erase(segment);
}

Result<void> Segments::read_on(KnownSegments::value_type& segment) {
    const auto& id = segment.first;
    Known& known = segment.second;
    if (known.next_slot == segment::slot_count) return {};
    auto file = storage_.open(path(id), Storage::Open::read);
    if (!file) return std::move(file).error();
    if (known.next_slot == 0) {
        // After a power cut there may be gaps: for once, the whole table.
        auto table = read_table(**file, id);
        if (!table) return std::move(table).error();
        for (SegmentTable::Row& row : table->rows) {
            remember(segment, row.number, std::move(row.slot));
        }
        return {};
    }
    while (known.next_slot < segment::slot_count) {
        const std::uint32_t begin = known.next_slot;
        const std::uint32_t count = std::min(slots_ahead, segment::slot_count - begin);
        auto octets = (**file).read_range(segment::slot_offset(begin), count * segment::slot_size);
        if (!octets) return std::move(octets).error();
        for (std::uint32_t i = 0; (i + 1) * segment::slot_size <= octets->size(); ++i) {
            const std::string_view slot =
                std::string_view(*octets).substr(i * segment::slot_size, segment::slot_size);
            auto decoded = segment::decode_slot(slot, begin + i, id);
            if (decoded.state == segment::SlotState::used) {
                remember(segment, begin + i, std::move(decoded.slot));
            }
        }
        if (known.next_slot < begin + count) break;
    }
    return {};
}

void Segments::remember(
    KnownSegments::value_type& segment, std::uint32_t number, segment::Slot slot
) {
    const std::uint64_t hash = hash_of(slot.unique);
    Place place;
    place.segment = segment.first;
    place.channel = *channels_.insert(std::move(slot.channel)).first;
    place.offset = slot.offset;
    place.hash = slot.hash;
    place.size = static_cast<std::uint32_t>(slot.size);
    place.number = number;
    place.sub_directory = static_cast<std::uint16_t>(slot.sub_directory);
    places_.insert_or_assign(hash, place);
    segment.second.hashes.push_back(hash);
    segment.second.next_slot = std::max(segment.second.next_slot, number + 1);
}

}  // namespace sluice::queue
