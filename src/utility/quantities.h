#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"

// Numbers as operators write them on a command line. Pure; nullopt for everything else.
namespace sluice::utility {

/// `90s`, `15m`, `4h`, `3d`, `2w`; a number needs its unit.
std::optional<std::chrono::seconds> parse_age(std::string_view text);
/// An age before `now`, or an instant of RFC 3339: "2026-03-02T10:11:07Z", with a fraction and an
/// offset where wanted.
std::optional<WallTime> parse_moment(std::string_view text, WallTime now);
/// Octets: `700`, `10k`, `2M`, `1G` (powers of 1024).
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Most ids that one command may name.
inline constexpr std::size_t max_ids = 1'000'000;
/// `1,3,20-22`: ascending and each once. nullopt for an empty range, zero, or too many.
std::optional<std::vector<std::size_t>> parse_id_list(std::string_view text);

}  // namespace sluice::utility
