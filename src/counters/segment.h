#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limit_hits.h"
#include "base/result.h"
#include "counters/cells.h"

// The counters of an instance: a file in the run directory that every process maps. Relaxed atomic
// additions and no locks, so that counting costs next to nothing and a process that is killed in
// the middle leaves nothing broken. Layout: docs/formats/counters.md. Counters are a picture of
// trend and health, not accounting; where the file cannot be had, nothing is counted and mail goes
// on.
namespace sluice::counters {

/// "<run directory>counters".
std::string segment_path(std::string_view run_directory);

/// Limits of the number of channels; a channel beyond it is not counted.
inline constexpr std::size_t default_channels = 256;
inline constexpr std::size_t least_channels = 16;
inline constexpr std::size_t most_channels = 4096;

/// What stands in the segment about one channel, all threads together.
struct ChannelCounts {
    std::string channel;
    std::array<std::int64_t, cell_count> cells{};
    std::int64_t current_in = 0;  ///< connections open now, of processes that live
    std::int64_t current_out = 0;
    std::optional<WallTime> last_in;  ///< when something last came in, went out
    std::optional<WallTime> last_out;

    [[nodiscard]] std::int64_t at(Cell where) const { return cells[where]; }
    [[nodiscard]] std::int64_t at(Group group, Measure measure) const {
        return cells[cell(group, measure)];
    }
    [[nodiscard]] std::int64_t delivered(Measure measure) const {
        return at(Group::delivered_first, measure) + at(Group::delivered_later, measure);
    }
};

/// How often each limit was reached, in their order.
using LimitCounts = std::array<std::int64_t, limits::limit_count>;

/// One mapping of the segment. Thread-safe.
class Segment {
public:
    /// Maps the file; makes it where there is none, or where it is damaged or of another version.
    /// `channels`: capacity of a new one.
    static Result<std::unique_ptr<Segment>> open(
        const std::string& path, std::size_t channels = default_channels
    );
    /// Maps what is there, to look at it.
    static Result<std::unique_ptr<Segment>> open_existing(const std::string& path);
    /// Removes the file. Processes that count notice within seconds and make a new one. False:
    /// there was none.
    static Result<bool> remove(const std::string& path);

    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;
    ~Segment();

    /// The place of a channel; made at the first call for its name. nullopt where the table is full
    /// or its lock is not free almost at once: then this is not counted.
    [[nodiscard]] std::optional<std::size_t> place_of(std::string_view channel);
    void add(std::size_t place, Cell where, std::int64_t amount);
    void set_last(std::size_t place, bool inbound, WallTime when);
    /// Connections of this process that are open now. Where there is no room to say so they are not
    /// shown.
    void set_current(std::size_t place, bool inbound, std::int32_t open);

    void add_limit_hits(limits::Limit limit, std::int64_t times);
    [[nodiscard]] LimitCounts read_limits() const;

    /// All channels, in the order of their names, which are made printable.
    [[nodiscard]] std::vector<ChannelCounts> read() const;
    [[nodiscard]] WallTime created() const;
    [[nodiscard]] std::size_t capacity() const;
    /// Sets the cells of messages, or those of associations and the hits of limits, to zero.
    /// Current associations stay: they are still open.
    void clear(bool messages, bool associations);
    /// What is waiting now, as somebody else knows it.
    void set_stored(std::size_t place, Measure measure, std::int64_t value);
    /// Whether the file was removed, replaced or cut short since it was mapped.
    [[nodiscard]] bool is_orphan() const;

private:
    struct Impl;
    explicit Segment(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::counters
