#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace sluice::smtp {

/// Where the octets that matter to SMTP lie in a block of at most 64: bit i stands for octet i.
/// One pass over the data this way replaces a search per line.
struct LineMasks {
    static constexpr std::size_t block_size = 64;

    std::uint64_t cr = 0;
    std::uint64_t lf = 0;
    std::uint64_t dot = 0;
    std::uint64_t nul = 0;
    std::uint64_t eight_bit = 0;

    /// Reads `size` (1 to 64) octets at `block`.
    static LineMasks of(const char* block, std::size_t size);
};

/// The lowest `count` (0 to 64) bits.
constexpr std::uint64_t low_bits(std::size_t count) {
    return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}
/// The bit as a flag.
constexpr bool bit_at(std::uint64_t mask, std::size_t at) {
    return ((mask >> at) & 1U) != 0;
}
/// Position of the lowest set bit; 64 where there is none.
constexpr std::size_t first_bit(std::uint64_t mask) {
    return static_cast<std::size_t>(std::countr_zero(mask));
}
/// Position of the highest set bit; the mask must not be 0.
constexpr std::size_t last_bit(std::uint64_t mask) {
    return 63U - static_cast<std::size_t>(std::countl_zero(mask));
}

}  // namespace sluice::smtp
