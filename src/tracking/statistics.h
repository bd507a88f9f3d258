#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/time_zone.h"
#include "tracking/record.h"

namespace sluice::tracking {

/// What is counted for a channel, a domain, an hour, and in all. A plain value.
struct Counts {
    std::uint64_t messages = 0;    ///< accepted
    std::uint64_t octets = 0;      ///< of the messages accepted
    std::uint64_t recipients = 0;  ///< accepted
    std::uint64_t delivered = 0;   ///< recipients
    std::uint64_t deferred = 0;    ///< failed attempts that are repeated
    std::uint64_t bounced = 0;
    std::uint64_t discarded = 0;
    std::uint64_t refused = 0;  ///< refused in the dialogue
    std::uint64_t connections = 0;
    std::uint64_t rejected = 0;  ///< connections
    std::uint64_t delays = 0;    ///< deliveries whose delay is known
    std::uint64_t delay_seconds = 0;
    std::uint64_t longest_delay = 0;

    void add(const Counts& other);
};

/// Upper ends of the delay classes, seconds; the last class has none.
inline constexpr std::array<std::uint64_t, 6> delay_classes = {10, 60, 600, 3600, 21600, 86400};

/// Counts records as they come. Bounded: what was seen of messages is forgotten after a while, and
/// beyond `most_domains` domains the others are counted together. Not thread-safe.
class Statistics {
public:
    explicit Statistics(const TimeZone& zone) : zone_(zone) {}

    void add(const Record& record);

    [[nodiscard]] const Counts& total() const { return total_; }
    [[nodiscard]] const std::map<std::string, Counts>& channels() const { return channels_; }
    /// Of recipients; "others" where there were too many.
    [[nodiscard]] const std::map<std::string, Counts>& domains() const { return domains_; }
    /// "2026-01-19 19:00", local time.
    [[nodiscard]] const std::map<std::string, Counts>& hours() const { return hours_; }
    /// Reply codes and statuses of refusals and returns, "550 5.7.1".
    [[nodiscard]] const std::map<std::string, std::uint64_t>& reasons() const { return reasons_; }
    [[nodiscard]] const std::array<std::uint64_t, 7>& delays() const { return delays_; }
    [[nodiscard]] std::uint64_t lines() const { return lines_; }
    [[nodiscard]] std::uint64_t not_understood() const { return not_understood_; }

    static constexpr std::size_t most_domains = 20'000;
    static constexpr std::size_t most_remembered = 200'000;

private:
    void add_event(const Record& record, const log::Event& event);
    [[nodiscard]] Counts counts_of(const Record& record, const log::Event& event);
    [[nodiscard]] bool is_new_message(const log::Event& event);
    void note_delay(const Record& record, const log::Event& event, Counts& counts);
    void note_reason(const log::Event& event);

    TimeZone zone_;
    Counts total_;
    std::map<std::string, Counts> channels_;
    std::map<std::string, Counts> domains_;
    std::map<std::string, Counts> hours_;
    std::map<std::string, std::uint64_t> reasons_;
    std::array<std::uint64_t, 7> delays_{};
    std::uint64_t lines_ = 0;
    std::uint64_t not_understood_ = 0;
    std::unordered_set<std::uint64_t> messages_;
    std::deque<std::uint64_t> message_order_;
    std::unordered_map<std::uint64_t, WallTime> accepted_;
    std::deque<std::uint64_t> accepted_order_;
    std::uint64_t last_anonymous_ = 0;
};

}  // namespace sluice::tracking
