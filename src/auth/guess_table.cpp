#include "auth/guess_table.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::auth {

namespace {

constexpr unsigned time_bits = 40;
constexpr std::uint64_t time_mask = (std::uint64_t{1} << time_bits) - 1;
constexpr std::uint32_t most_failures = (1U << 24U) - 1;

struct State {
    std::uint32_t failures = 0;
    std::int64_t since = 0;
};

std::uint64_t packed(const State& state) {
    return (std::uint64_t{std::min(state.failures, most_failures)} << time_bits) |
           (static_cast<std::uint64_t>(std::max<std::int64_t>(state.since, 0)) & time_mask);
}

/// What is left of it now. A clock that was set back forgets nothing.
State faded(std::uint64_t word, std::int64_t now, const GuessTable::Policy& policy) {
    State state{
        static_cast<std::uint32_t>(word >> time_bits), static_cast<std::int64_t>(word & time_mask)};
    const std::int64_t unit = std::max<std::int64_t>(policy.forgotten_after.count(), 1);
    const std::int64_t forgotten = std::max<std::int64_t>(now - state.since, 0) / unit;
    if (forgotten >= state.failures) return {0, now};
    state.failures -= static_cast<std::uint32_t>(forgotten);
    state.since += forgotten * unit;
    return state;
}

std::uint64_t hash_of(std::string_view octets, std::uint64_t hash) {
    for (const char c : octets) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    // The lower bits choose the row.
    hash ^= hash >> 32U;
    return hash == 0 ? 1 : hash;
}

}  // namespace

std::size_t GuessTable::place(std::uint64_t key, std::size_t number) const {
    return (static_cast<std::size_t>(key) + number) & (rows_.size() - 1);
}

// Its own row, a free one, or that of whoever has the least to answer for.
GuessRow& GuessTable::row_for(std::uint64_t key, std::int64_t now, const Policy& policy) {
    std::size_t least = place(key, 0);
    std::uint32_t fewest = most_failures + 1;
    for (std::size_t i = 0; i < places; ++i) {
        const std::size_t at = place(key, i);
        if (rows_[at].key.load() == key) return rows_[at];
        const std::uint32_t count = faded(rows_[at].state.load(), now, policy).failures;
        if (count >= fewest) continue;
        fewest = count;
        least = at;
    }
    rows_[least].state.store(packed({0, now}));
    rows_[least].key.store(key);
    return rows_[least];
}

GuessTable::Toll GuessTable::charge(std::uint64_t key, std::int64_t now, const Policy& policy) {
    GuessRow& row = row_for(key, now, policy);
    State state = faded(row.state.load(), now, policy);
    const std::uint32_t before = state.failures;
    if (policy.refused_after != 0 && before >= policy.refused_after) return {{}, true};
    ++state.failures;
    row.state.store(packed(state));
    if (before < policy.free_failures) return {};
    const std::uint32_t steps = std::min(before - policy.free_failures, 20U);
    const auto delay = policy.first_delay * (std::int64_t{1} << steps);
    return {std::min<std::chrono::milliseconds>(delay, policy.longest_delay), false};
}

void GuessTable::clear(std::uint64_t key, std::int64_t now, const Policy& policy) {
    GuessRow& row = row_for(key, now, policy);
    State state = faded(row.state.load(), now, policy);
    if (state.failures == 0) return;
    --state.failures;
    row.state.store(packed(state));
}

std::uint32_t GuessTable::failures(std::uint64_t key, std::int64_t now, const Policy& policy)
    const {
    for (std::size_t i = 0; i < places; ++i) {
        const GuessRow& row = rows_[place(key, i)];
        if (row.key.load() == key) return faded(row.state.load(), now, policy).failures;
    }
    return 0;
}

std::uint64_t guess_key(const IpAddress& client) {
    constexpr std::size_t network_octets = 8;
    constexpr std::size_t v4_octets = 4;
    const auto* octets = reinterpret_cast<const char*>(client.octets().data());
    return hash_of({octets, client.is_v4() ? v4_octets : network_octets}, 0xcbf29ce484222325ULL);
}

std::uint64_t guess_key(std::string_view user) {
    return hash_of(to_lower(user), 0x9ae16a3b2f90404fULL);
}

}  // namespace sluice::auth
