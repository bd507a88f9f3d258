#include "queue/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace sluice::queue {

std::uint64_t hash_of(std::string_view bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

struct StreamHash::State {
    XXH3_state_t hash;
};

StreamHash::StreamHash() : state_(std::make_unique<State>()) {
    (void)XXH3_64bits_reset(&state_->hash);
}
StreamHash::~StreamHash() = default;
StreamHash::StreamHash(StreamHash&&) noexcept = default;
StreamHash& StreamHash::operator=(StreamHash&&) noexcept = default;

void StreamHash::update(std::string_view bytes) {
    (void)XXH3_64bits_update(&state_->hash, bytes.data(), bytes.size());
}

std::uint64_t StreamHash::value() const {
    return XXH3_64bits_digest(&state_->hash);
}

std::string format_hash(std::uint64_t hash) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(16, '0');
    for (auto at = text.rbegin(); at != text.rend(); ++at, hash >>= 4U) *at = digits[hash & 15U];
    return text;
}

std::optional<std::uint64_t> parse_hash(std::string_view digits) {
    if (digits.size() != 16) return std::nullopt;
    std::uint64_t hash = 0;
    for (const char c : digits) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<unsigned>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<unsigned>(c - 'a') + 10;
        } else {
            return std::nullopt;
        }
        hash = hash << 4U | digit;
    }
    return hash;
}

}  // namespace sluice::queue
