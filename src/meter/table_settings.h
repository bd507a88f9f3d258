#pragma once

#include <chrono>
#include <cstdint>
#include <string>

// Tables in which call-outs count and remember, shared by all processes of an instance
// (docs/man/mappings.5, "check_metermaid"). This room knows what a table does with an event; what
// is refused for it is for the mapping entries to say.
namespace sluice::meter {

enum class TableType : std::uint8_t { throttle, greylisting, simple };

/// The most entries that a table may be allowed.
inline constexpr std::int64_t most_entries = 1'000'000;

/// How one table is configured (METERMAID.TABLE.name.option, docs/man/option.dat.5).
struct TableSettings {
    std::string name;
    TableType type = TableType::throttle;
    bool keys_are_addresses = true;  ///< of hosts; otherwise text
    bool ignores_case = false;
    std::int64_t max_entries = 1000;  ///< then the ones to be forgotten next make room

    // throttle
    std::int64_t quota = 100;
    std::chrono::seconds quota_time{60};
    bool penalizes = false;  ///< who goes on beyond the quota begins a new period

    // greylisting
    std::chrono::seconds block_time{300};
    std::chrono::seconds resubmit_time{4 * 3600};
    std::chrono::seconds inactivity_time{7 * 86400};

    // simple
    bool values_are_numbers = false;

    friend bool operator==(const TableSettings&, const TableSettings&) = default;
};

}  // namespace sluice::meter
