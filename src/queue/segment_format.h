#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// Segments: files that hold the young messages of one enqueuing process, many in one, so that they
// share a sync. An entry's octets are those of a message file (docs/formats/queue-file.md). Byte
// layout: docs/formats/queue-segment.md. Pure.
namespace sluice::queue::segment {

/// Entries of one segment.
inline constexpr std::uint32_t slot_count = 8192;
inline constexpr std::size_t slot_size = 128;
inline constexpr std::size_t mark_size = 8;
inline constexpr std::uint64_t header_size = 4096;
inline constexpr std::uint64_t marks_at = header_size;
inline constexpr std::uint64_t slots_at = marks_at + slot_count * mark_size;
inline constexpr std::uint64_t entries_at = slots_at + slot_count * slot_size;
/// A batch that would begin behind this offset goes into the next segment.
inline constexpr std::uint64_t size_limit = entries_at + (64ULL << 20U);
inline constexpr std::size_t max_channel_length = 48;
/// Where segments lie below the queue root, and how their names end.
inline constexpr std::string_view directory_name = ".young";
inline constexpr std::string_view name_suffix = ".seg";

/// What became of an entry. The numbers are patterns that no accident makes of each other.
enum class Mark : std::uint64_t {
    live = 0,
    removed = 0x5245'4d4f'5645'4431,    ///< all recipients final
    moved = 0x4d4f'5645'4420'2031,      ///< has become a message file
    cancelled = 0x4341'4e43'454c'4c31,  ///< never acknowledged
};

/// One entry as its slot describes it.
struct Slot {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t hash = 0;  ///< XXH3-64 of the entry's octets
    /// Slots before this one were on stable storage when this one was written.
    std::uint32_t durable_before = 0;
    unsigned sub_directory = 0;
    std::string unique;
    std::string channel;
    friend bool operator==(const Slot&, const Slot&) = default;
};

/// `id`: the segment's name without its suffix. The first octets of the file; the rest of the
/// header is zero.
std::string encode_header(std::string_view id);
/// `octets`: as many as encode_header() gives. Fails with `damaged` or `other_version`.
Result<void> check_header(std::string_view octets, std::string_view id);
[[nodiscard]] std::size_t encoded_header_size();

/// `number`: which slot of the segment it becomes; it and `id` are part of the checksum.
void append_slot(std::string& out, const Slot& slot, std::uint32_t number, std::string_view id);

enum class SlotState { empty, used, damaged };
struct DecodedSlot {
    SlotState state = SlotState::empty;
    Slot slot;
};
/// `octets`: slot_size of them.
DecodedSlot decode_slot(std::string_view octets, std::uint32_t number, std::string_view id);

std::string encode_mark(Mark mark);
/// Anything that is no mark counts as live: an entry is never given up because of damage.
Mark decode_mark(std::string_view octets);

[[nodiscard]] constexpr std::uint64_t mark_offset(std::uint32_t number) {
    return marks_at + number * mark_size;
}
[[nodiscard]] constexpr std::uint64_t slot_offset(std::uint32_t number) {
    return slots_at + number * slot_size;
}

/// "84PHKX1L3Q0A0001" of "84PHKX1L3Q0A0001.seg"; nullopt for other names.
std::optional<std::string_view> id_of(std::string_view file_name);

}  // namespace sluice::queue::segment
