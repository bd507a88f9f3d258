#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/ip_address.h"

// How much somebody has guessed at passwords lately, so that each guess costs more than the one
// before. The table is memory that processes share: a client that spreads its guesses over
// connections meets the same row. Without locks: a row that two processes change in the same
// moment may lose one count, which a guesser gains nothing by.
namespace sluice::auth {

/// One row. All zero: free. The layout is that of the mapped file (docs/formats/guess-table.md).
struct GuessRow {
    std::atomic<std::uint64_t> key;    ///< hash of whom it is about; 0: nobody
    std::atomic<std::uint64_t> state;  ///< failures (upper 24 bits), second of the last (lower 40)
};
static_assert(sizeof(GuessRow) == 16 && std::atomic<std::uint64_t>::is_always_lock_free);

class GuessTable {
public:
    struct Policy {
        std::uint32_t free_failures = 2;  ///< no delay up to here: people mistype
        std::chrono::milliseconds first_delay{1000};
        std::chrono::milliseconds longest_delay{30000};
        std::uint32_t refused_after = 100;         ///< failures; no more is checked; 0: no limit
        std::chrono::seconds forgotten_after{60};  ///< one failure each
    };
    /// What an attempt has to wait for before anything is checked.
    struct Toll {
        std::chrono::milliseconds delay{0};
        bool refused = false;
    };

    /// `rows`: a power of two of them, at least `places`.
    explicit GuessTable(std::span<GuessRow> rows) : rows_(rows) {}

    /// An attempt begins. It counts as a failure until clear() says that it was none, so that
    /// attempts made at the same time do not all pass for the first.
    Toll charge(std::uint64_t key, std::int64_t now, const Policy& policy);
    /// The attempt that charge() counted was right, or could not be judged.
    void clear(std::uint64_t key, std::int64_t now, const Policy& policy);
    [[nodiscard]] std::uint32_t failures(std::uint64_t key, std::int64_t now, const Policy& policy)
        const;

    /// Rows that a key may be in.
    static constexpr std::size_t places = 8;

private:
    [[nodiscard]] std::size_t place(std::uint64_t key, std::size_t number) const;
    GuessRow& row_for(std::uint64_t key, std::int64_t now, const Policy& policy);

    std::span<GuessRow> rows_;
};

/// Of a client: its address, of IPv6 the network of 64 bits, which is what one customer has.
std::uint64_t guess_key(const IpAddress& client);
/// Of a user's name, which is what a guesser with many addresses has in common.
std::uint64_t guess_key(std::string_view user);

}  // namespace sluice::auth
