#pragma once

#include <cstddef>

namespace sluice::store::limits {

/// Octets of a key. LMDB takes 511; addresses with a channel in front of them fit.
constexpr std::size_t key = 500;
/// Octets of a value: as much as a mapping template may have.
constexpr std::size_t value = 4096;
/// Octets of a line of a source text, quoting included.
constexpr std::size_t line = 4 * (key + value);
/// Octets of a source text.
constexpr std::size_t source = 1UL << 30U;

}  // namespace sluice::store::limits
