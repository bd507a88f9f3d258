#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sluice::channel {

/// Reads an ISO 8601 period, `P[nY][nM][nW][nD][T[nH][nM][nS]]`, letters in either case. A month
/// counts 30 days, a year 365. nullopt on anything else, on a period of no length (a retry interval
/// of nothing is a busy loop) and on one longer than a hundred years.
std::optional<std::chrono::seconds> parse_period(std::string_view text);

}  // namespace sluice::channel
