#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// The last octets of a database file (docs/formats/lookup-database.md). LMDB maps its file into
// memory and trusts every octet of it; a damaged page can take the process down. So the whole file
// is checked against its seal before LMDB sees it.
namespace sluice::store {

struct Seal {
    std::uint64_t size = 0;  ///< octets before the seal
    std::uint64_t hash = 0;  ///< XXH3-64 of them
};
constexpr std::size_t seal_size = 32;

std::string encode_seal(const Seal& seal);
std::optional<Seal> decode_seal(std::string_view octets);

/// The hash of the first `size` octets of an open file, read from its beginning.
Result<std::uint64_t> hash_of_file(int fd, std::uint64_t size);

/// Whether the file ends in its seal. A permanent Error says why not.
Result<Seal> check_seal(int fd);

}  // namespace sluice::store
