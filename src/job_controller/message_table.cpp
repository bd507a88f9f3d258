#include "job_controller/message_table.h"

#include <algorithm>
#include <cassert>
#include <functional>

namespace sluice::job_controller {

namespace {

constexpr std::size_t first_buckets = 1024;  // a power of two

}  // namespace

std::string_view unique_part_of(std::string_view file) {
    const std::size_t slash = file.rfind('/');
    if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
    file = file.substr(0, file.rfind('.'));
    return file.size() > 2 ? file.substr(2) : file;
}

void TrackedMessage::set_file(std::string_view file) {
    assert(file.size() <= file_octets.size());
    file_length = static_cast<std::uint8_t>(file.copy(file_octets.data(), file_octets.size()));
}

std::string_view TrackedMessage::unique() const {
    return unique_part_of(file());
}

MessageTable::MessageTable()
    : buckets_(first_buckets), index_(Index::bucket_traits(buckets_.data(), buckets_.size())) {}

TrackedMessage& MessageTable::add(ChannelQueue& channel, std::string_view file) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(messages_.size());
        messages_.emplace_back().slot = slot;
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    TrackedMessage& message = messages_[slot];
    message.channel = &channel;
    message.set_file(file);
    if (index_.size() >= buckets_.size()) grow_index();
    const bool inserted = index_.insert(message).second;
    assert(inserted);
    (void)inserted;
    return message;
}

void MessageTable::remove(TrackedMessage& message) {
    assert(message.state == State::unlinked);
    index_.erase(index_.iterator_to(message));
    message.channel = nullptr;
    message.host = nullptr;
    message.worker = 0;
    message.last_attempt = {};
    message.crashes = 0;
    message.lost_with = 0;
    ++message.generation;
    free_.push_back(message.slot);
}

void MessageTable::rename(TrackedMessage& message, std::string_view file) {
    index_.erase(index_.iterator_to(message));
    message.set_file(file);
    index_.insert(message);
}

TrackedMessage* MessageTable::find(const ChannelQueue& channel, std::string_view file) {
    const auto found = index_.find(Key{&channel, unique_part_of(file)}, HashKey(), SameKey());
    return found == index_.end() ? nullptr : &*found;
}

TrackedMessage* MessageTable::find(std::uint64_t handle) {
    const std::size_t slot = handle & 0xffffffffU;
    if (slot >= messages_.size()) return nullptr;
    TrackedMessage& message = messages_[slot];
    return message.channel != nullptr && message.handle() == handle ? &message : nullptr;
}

const TrackedMessage* MessageTable::at(std::size_t slot) const {
    const TrackedMessage& message = messages_[slot];
    return message.channel != nullptr ? &message : nullptr;
}

void MessageTable::grow_index() {
    std::vector<Index::bucket_type> larger(buckets_.size() * 2);
    index_.rehash(Index::bucket_traits(larger.data(), larger.size()));
    buckets_ = std::move(larger);
}

std::size_t MessageTable::HashKey::operator()(const Key& key) const {
    return std::hash<std::string_view>()(key.unique) ^
           (reinterpret_cast<std::uintptr_t>(key.channel) >> 4U);
}

std::size_t MessageTable::HashKey::operator()(const TrackedMessage& message) const {
    return (*this)(Key{message.channel, message.unique()});
}

bool MessageTable::SameKey::operator()(const Key& a, const TrackedMessage& b) const {
    return a.channel == b.channel && a.unique == b.unique();
}

bool MessageTable::SameKey::operator()(const TrackedMessage& a, const TrackedMessage& b) const {
    return (*this)(Key{a.channel, a.unique()}, b);
}

}  // namespace sluice::job_controller
