#pragma once

#include <boost/intrusive/unordered_set.hpp>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "job_controller/tracked_message.h"

namespace sluice::job_controller {

/// Owns all tracked messages and finds them by handle and by (channel, unique part).
/// Addresses are stable; slots are used again with another generation.
class MessageTable {
public:
    MessageTable();

    /// A new unlinked message; the caller fills everything but channel, file and slot.
    TrackedMessage& add(ChannelQueue& channel, std::string_view file);
    /// The message must be in no queue.
    void remove(TrackedMessage& message);
    /// Gives the message another file, found by its unique part from now on.
    void rename(TrackedMessage& message, std::string_view file);

    [[nodiscard]] TrackedMessage* find(const ChannelQueue& channel, std::string_view file);
    [[nodiscard]] TrackedMessage* find(std::uint64_t handle);
    [[nodiscard]] std::size_t size() const { return index_.size(); }

    /// All slots, for listings: at(i) for i < slots() is null for a free one.
    [[nodiscard]] std::size_t slots() const { return messages_.size(); }
    [[nodiscard]] const TrackedMessage* at(std::size_t slot) const;

private:
    struct Key {
        const ChannelQueue* channel;
        std::string_view unique;
    };
    struct HashKey {
        std::size_t operator()(const TrackedMessage& message) const;
        std::size_t operator()(const Key& key) const;
    };
    struct SameKey {
        bool operator()(const TrackedMessage& a, const TrackedMessage& b) const;
        bool operator()(const Key& a, const TrackedMessage& b) const;
    };
    using Index = boost::intrusive::unordered_set<
        TrackedMessage,
        boost::intrusive::base_hook<IndexHook>,
        boost::intrusive::hash<HashKey>,
        boost::intrusive::equal<SameKey>,
        boost::intrusive::power_2_buckets<true>>;

    void grow_index();

    std::deque<TrackedMessage> messages_;
    std::vector<std::uint32_t> free_;
    std::vector<Index::bucket_type> buckets_;
    Index index_;
};

}  // namespace sluice::job_controller
