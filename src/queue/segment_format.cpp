#include "queue/segment_format.h"

#include <cstring>

#include "queue/checksum.h"
#include "queue/failure.h"
#include "queue/message_name.h"

namespace sluice::queue::segment {

namespace {

constexpr std::string_view magic = "SLUICESG";
constexpr std::uint32_t version = 1;
constexpr std::size_t most_id = 32;
constexpr std::uint64_t max_entry_size = 1ULL << 31U;

void append_number(std::string& out, std::uint64_t value, std::size_t octets) {
    for (std::size_t i = octets; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t read_number(std::string_view octets) {
    std::uint64_t value = 0;
    for (const char c : octets) value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

std::uint64_t slot_hash(std::string_view octets, std::uint32_t number, std::string_view id) {
    return hash_of(octets, hash_of(id) + number);
}

// Most slots of a table are empty: compared with itself one octet on, all at once.
bool is_all_zero(std::string_view octets) {
    return octets.empty() ||
           (octets.front() == 0 &&
            std::memcmp(octets.data(), octets.data() + 1, octets.size() - 1) == 0);
}

}  // namespace

std::string encode_header(std::string_view id) {
    std::string out(magic);
    append_number(out, version, 4);
    append_number(out, slot_count, 4);
    append_number(out, slot_size, 4);
    append_number(out, id.size(), 4);
    out.append(id);
    out.resize(magic.size() + 16 + most_id, '\0');
    append_number(out, hash_of(out), 8);
    return out;
}

std::size_t encoded_header_size() {
    return magic.size() + 16 + most_id + 8;
}

Result<void> check_header(std::string_view octets, std::string_view id) {
    if (!octets.starts_with(magic)) return damaged_error("%IMTA-E-BADSEG, not a segment");
    if (octets.size() >= 12 && read_number(octets.substr(8, 4)) > version) {
        return other_version_error("segment of a newer version");
    }
    if (octets != encode_header(id)) return damaged_error("%IMTA-E-BADSEG, header damaged");
    return {};
}

void append_slot(std::string& out, const Slot& slot, std::uint32_t number, std::string_view id) {
    const std::size_t begin = out.size();
    append_number(out, slot.offset, 8);
    append_number(out, slot.size, 8);
    append_number(out, slot.hash, 8);
    append_number(out, slot.durable_before, 4);
    append_number(out, slot.sub_directory, 2);
    append_number(out, slot.unique.size(), 1);
    append_number(out, slot.channel.size(), 1);
    out.append(slot.unique);
    out.resize(begin + 64, '\0');
    out.append(slot.channel);
    out.resize(begin + slot_size - 8, '\0');
    append_number(out, slot_hash(std::string_view(out).substr(begin), number, id), 8);
}

DecodedSlot decode_slot(std::string_view octets, std::uint32_t number, std::string_view id) {
    if (is_all_zero(octets)) return {};
    const std::string_view body = octets.substr(0, slot_size - 8);
    if (read_number(octets.substr(slot_size - 8)) != slot_hash(body, number, id)) {
        return {SlotState::damaged, {}};
    }
    const auto unique_length = static_cast<std::size_t>(read_number(body.substr(30, 1)));
    const auto channel_length = static_cast<std::size_t>(read_number(body.substr(31, 1)));
    if (unique_length > max_unique_length || channel_length > max_channel_length) {
        return {SlotState::damaged, {}};
    }
    Slot slot;
    slot.offset = read_number(body.substr(0, 8));
    slot.size = read_number(body.substr(8, 8));
    slot.hash = read_number(body.substr(16, 8));
    slot.durable_before = static_cast<std::uint32_t>(read_number(body.substr(24, 4)));
    slot.sub_directory = static_cast<unsigned>(read_number(body.substr(28, 2)));
    slot.unique = body.substr(32, unique_length);
    slot.channel = body.substr(64, channel_length);
    if (slot.offset < entries_at || slot.size > max_entry_size ||
        slot.sub_directory >= max_subdirs || !is_unique_part(slot.unique) ||
        !is_channel_directory_name(slot.channel)) {
        return {SlotState::damaged, {}};
    }
    return {SlotState::used, std::move(slot)};
}

std::string encode_mark(Mark mark) {
    std::string out;
    append_number(out, static_cast<std::uint64_t>(mark), mark_size);
    return out;
}

Mark decode_mark(std::string_view octets) {
    const auto mark = static_cast<Mark>(read_number(octets));
    const bool is_known = mark == Mark::removed || mark == Mark::moved || mark == Mark::cancelled;
    return is_known ? mark : Mark::live;
}

std::optional<std::string_view> id_of(std::string_view file_name) {
    if (!file_name.ends_with(name_suffix)) return std::nullopt;
    const std::string_view id = file_name.substr(0, file_name.size() - name_suffix.size());
    if (!is_unique_part(id)) return std::nullopt;
    return id;
}

}  // namespace sluice::queue::segment
