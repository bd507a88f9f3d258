#pragma once

#include <array>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/unordered_set_hook.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "jobs/protocol.h"

// One tracked message and the host it waits for. Internal to the room. The records are linked into
// their queues by themselves (Boost.Intrusive): no allocation per move, and a message costs its own
// size plus a hash bucket, well below the 300 octets allowed.
namespace sluice::job_controller {

struct Host;
class ChannelQueue;

enum class State : std::uint8_t {
    unlinked,      ///< in no queue, while it is being moved
    ready,         ///< in its host's queue
    unidentified,  ///< ready, but its host is not known
    identifying,   ///< its envelope is being read
    delayed,       ///< until `when`
    in_progress,   ///< with `worker`
};

using QueueHook = boost::intrusive::set_base_hook<
    boost::intrusive::optimize_size<true>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>>;
using IndexHook = boost::intrusive::unordered_set_base_hook<
    boost::intrusive::link_mode<boost::intrusive::normal_link>>;

struct TrackedMessage : QueueHook, IndexHook {
    ChannelQueue* channel = nullptr;  ///< null: the slot is free
    Host* host = nullptr;             ///< null until it is identified
    std::uint64_t worker = 0;
    std::uint64_t size = 0;
    WallTime enqueued{};
    MonoTime when{};  ///< ready: since; delayed: until; in progress: since
    /// Of one that a scan found and whose envelope was not read: its priority decides when it is
    /// due.
    MonoTime last_attempt{};
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint32_t recipients = 1;
    std::uint32_t lost_with = 0;  ///< process that was the last to be lost with it; 0: none
    std::uint16_t attempts = 0;
    jobs::Priority priority = jobs::Priority::normal;
    std::uint8_t rank = 0;  ///< 0 released, then 1 + priority
    State state = State::unlinked;
    std::uint8_t crashes = 0;  ///< processes lost while they had it, since its last outcome
    std::uint8_t file_length = 0;
    std::array<char, jobs::max_file_name> file_octets{};

    [[nodiscard]] std::string_view file() const { return {file_octets.data(), file_length}; }
    void set_file(std::string_view file);
    /// The part of the name that never changes.
    [[nodiscard]] std::string_view unique() const;
    [[nodiscard]] std::uint64_t handle() const {
        return (static_cast<std::uint64_t>(generation) << 32U) | slot;
    }
    void set_rank(bool released) {
        rank = released ? 0 : static_cast<std::uint8_t>(1 + static_cast<std::uint8_t>(priority));
    }
};
static_assert(sizeof(TrackedMessage) <= 176, "memory per queued message is promised");

/// "nnn/ZZunique.00" -> "unique": what stands between the attempt prefix and the suffix.
std::string_view unique_part_of(std::string_view file);

/// Ready messages: class, then age.
struct SoonerReady {
    bool operator()(const TrackedMessage& a, const TrackedMessage& b) const {
        if (a.rank != b.rank) return a.rank < b.rank;
        if (a.enqueued != b.enqueued) return a.enqueued < b.enqueued;
        return a.slot < b.slot;
    }
};
struct SoonerDue {
    bool operator()(const TrackedMessage& a, const TrackedMessage& b) const {
        return a.when != b.when ? a.when < b.when : a.slot < b.slot;
    }
};
struct LowerSlot {
    bool operator()(const TrackedMessage& a, const TrackedMessage& b) const {
        return a.slot < b.slot;
    }
};

template <class Order>
using MessageSet = boost::intrusive::
    set<TrackedMessage, boost::intrusive::base_hook<QueueHook>, boost::intrusive::compare<Order>>;
using ReadySet = MessageSet<SoonerReady>;
using DelayedSet = MessageSet<SoonerDue>;
using InProgressSet = MessageSet<LowerSlot>;

struct Host : QueueHook {
    enum class State : std::uint8_t { up, down, probe_due, probing };
    enum class Place : std::uint8_t { none, idle, hungry };

    std::string name;
    std::uint64_t id = 0;  ///< never used again
    /// Messages of many destinations lie here: any number of workers may take from it.
    bool shared = false;
    State state = State::up;
    ReadySet ready;
    std::uint32_t delayed = 0;
    std::uint32_t in_progress = 0;
    std::uint32_t threads = 0;     ///< workers assigned
    unsigned failures = 0;         ///< probes failed in a row
    MonoTime down_until{};         ///< while down
    std::string reason;            ///< of the last failure
    MonoTime up_since{};           ///< last time it was reached after having been down
    std::uint32_t held_back = 0;   ///< ready messages that wait for their part of the ramp
    std::uint32_t ramp_share = 0;  ///< of them released with each step
    MonoTime ramp_next{};          ///< next step, while any are held back
    MonoTime last_success{};       ///< last time it was reached; the epoch: not yet
    MonoTime due_second{};         ///< of the latest message delayed
    std::uint32_t due_count = 0;   ///< messages delayed to that second

    // Kept by ChannelQueue::refresh().
    Place place = Place::none;
    std::uint8_t rank = 0;          ///< of the message to be handed out first
    WallTime oldest{};              ///< its enqueue time
    MonoTime waiting_since{};       ///< when it became ready
    std::uint64_t waits_since = 0;  ///< when the host began to wait for a worker, as a number
    std::uint32_t wanted = 0;       ///< further threads that it justifies
    std::uint32_t available = 0;    ///< ready messages that may be handed out

    /// Ready messages that the ramp does not hold back.
    [[nodiscard]] std::size_t released() const {
        return ready.size() > held_back ? ready.size() - held_back : 0;
    }
    [[nodiscard]] bool may_give() const {
        return state == State::up ? released() > 0 : state == State::probe_due && !ready.empty();
    }
    [[nodiscard]] bool unused() const {
        return ready.empty() && delayed == 0 && in_progress == 0 && threads == 0;
    }
};

struct SoonerHost {
    bool operator()(const Host& a, const Host& b) const {
        if (a.rank != b.rank) return a.rank < b.rank;
        if (a.waits_since != b.waits_since) return a.waits_since < b.waits_since;
        return a.id < b.id;
    }
};
using HostSet = boost::intrusive::
    set<Host, boost::intrusive::base_hook<QueueHook>, boost::intrusive::compare<SoonerHost>>;

}  // namespace sluice::job_controller
