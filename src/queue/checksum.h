#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::queue {

/// XXH3, 64 bits: finds accidents, not attackers.
std::uint64_t hash_of(std::string_view bytes, std::uint64_t seed = 0);

/// The same over a stream.
class StreamHash {
public:
    StreamHash();
    ~StreamHash();
    StreamHash(StreamHash&&) noexcept;
    StreamHash& operator=(StreamHash&&) noexcept;
    StreamHash(const StreamHash&) = delete;
    StreamHash& operator=(const StreamHash&) = delete;
    void update(std::string_view bytes);
    [[nodiscard]] std::uint64_t value() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Sixteen lower-case hexadecimal digits.
std::string format_hash(std::uint64_t hash);
std::optional<std::uint64_t> parse_hash(std::string_view digits);

}  // namespace sluice::queue
