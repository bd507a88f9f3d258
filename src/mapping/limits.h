#pragma once

#include <cstddef>

// Every ceiling of the mapping engine. A probe is made of foreign text and runs while a client
// waits: none of these may depend on what the client sends.
namespace sluice::mapping::limits {

/// Octets of one pattern or one template in the file.
constexpr std::size_t column = 4096;
/// Brackets inside brackets in one template.
constexpr unsigned bracket_nesting = 32;
/// Element steps of one comparison; beyond it the comparison counts as "no match".
constexpr std::size_t comparison_steps = 1'000'000;
/// Element steps of one probe, secondary tables included.
constexpr std::size_t probe_steps = 20'000'000;
/// Templates run by one probe, secondary tables and passes included. A table whose restarts keep
/// shrinking and growing the string ends here.
constexpr std::size_t template_runs = 20'000;
/// Restarts in a row that do not shrink the string.
constexpr unsigned restarts = 10;
/// Secondary tables inside each other; general database values inside each other.
constexpr unsigned nesting = 10;
/// Octets one template may produce.
constexpr std::size_t output = 65'536;
/// Steps kept in one trace.
constexpr std::size_t trace_steps = 50'000;
/// Octets of text kept in one trace.
constexpr std::size_t trace_octets = 8'000'000;
/// Octets of questions and answers kept in one record.
constexpr std::size_t recorded_octets = 8'000'000;

}  // namespace sluice::mapping::limits
