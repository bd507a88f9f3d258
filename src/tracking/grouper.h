#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracking/keys.h"
#include "tracking/record.h"

namespace sluice::tracking {

/// A line that a group keeps: its text, to be read again when the group is shown.
struct KeptLine {
    std::uint64_t order = 0;  ///< place in the input
    std::optional<WallTime> time;
    std::string text;
};

/// The lines of one message with its notifications, or of one connection.
struct Group {
    std::vector<KeptLine> lines;  ///< in the order of their times, else of the input
    bool begun = false;           ///< the first line of its life is there
    bool ended = false;           ///< and the last
    bool guessed = false;         ///< held together by addresses only
    bool flushed = false;         ///< idle for too long, or too much to keep

    [[nodiscard]] bool is_complete() const { return begun && ended; }
};

enum class GroupBy : std::uint8_t { message, connection };

struct GrouperSettings {
    GroupBy by = GroupBy::message;
    /// A group that has not grown for so long is given out (by the time of the lines).
    std::chrono::seconds window = std::chrono::days(6);
    /// A complete group waits so long for a line that comes late.
    std::chrono::seconds linger{60};
    std::size_t most_octets = 32UL << 20U;  ///< kept in open groups
};

/// Collects lines into groups as they come and gives each group out once it is complete, or idle.
/// Lines that belong to none are given out alone, as groups without a key, if they are wanted.
/// Memory is bounded by the settings. Not thread-safe.
class Grouper {
public:
    using Sink = std::function<void(Group&&)>;

    Grouper(GrouperSettings settings, Sink sink);
    ~Grouper();
    Grouper(const Grouper&) = delete;
    Grouper& operator=(const Grouper&) = delete;

    /// Whether the line was taken into a group.
    bool add(const Record& record);
    /// Gives out what is complete; for followers, between lines.
    void release();
    /// Gives out everything.
    void finish();
    [[nodiscard]] std::size_t open_groups() const { return groups_.size(); }

private:
    struct Open;
    using Id = std::uint64_t;

    Open& group_of(const std::vector<Key>& keys, Id& id);
    void join(Id into, Id from);
    void take(Open& group, const Record& record);
    void note_progress(Open& group, const Record& record) const;
    void give_out(Id id, bool flushed);
    void sweep();
    void make_room();

    GrouperSettings settings_;
    Sink sink_;
    std::unordered_map<Id, std::unique_ptr<Open>> groups_;
    std::unordered_map<std::string, Id> keys_;
    Id next_id_ = 1;
    Id last_postoffice_ = 0;
    std::uint64_t order_ = 0;
    std::size_t octets_ = 0;
    std::optional<WallTime> now_;
};

}  // namespace sluice::tracking
