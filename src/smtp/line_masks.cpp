#include "smtp/line_masks.h"

#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sluice::smtp {

namespace {

#if defined(__SSE2__)

// 16 octets to 16 bits.
std::uint64_t equal_bits(__m128i octets, char wanted) {
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8(wanted)))
    );
}

LineMasks full_block(const char* block) {
    LineMasks masks;
    for (unsigned lane = 0; lane < 4; ++lane) {
        const unsigned shift = lane * 16;
        const __m128i octets =
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + std::size_t{shift}));
        masks.cr |= equal_bits(octets, '\r') << shift;
        masks.lf |= equal_bits(octets, '\n') << shift;
        masks.dot |= equal_bits(octets, '.') << shift;
        masks.nul |= equal_bits(octets, '\0') << shift;
        masks.eight_bit |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(octets))}
                           << shift;
    }
    return masks;
}

#else

LineMasks full_block(const char* block) {
    LineMasks masks;
    for (std::size_t i = 0; i < LineMasks::block_size; ++i) {
        const std::uint64_t bit = std::uint64_t{1} << i;
        const char c = block[i];
        if (c == '\r') masks.cr |= bit;
        if (c == '\n') masks.lf |= bit;
        if (c == '.') masks.dot |= bit;
        if (c == '\0') masks.nul |= bit;
        if (static_cast<unsigned char>(c) >= 0x80) masks.eight_bit |= bit;
    }
    return masks;
}

#endif

}  // namespace

LineMasks LineMasks::of(const char* block, std::size_t size) {
    if (size == block_size) return full_block(block);
    char padded[block_size] = {};
    std::memcpy(padded, block, size);
    LineMasks masks = full_block(padded);
    masks.nul &= low_bits(size);
    return masks;
}

}  // namespace sluice::smtp
