#include "meter/key.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bytes.h"
#include "base/ip_address.h"

namespace sluice::meter {

namespace {

std::string shortened(const std::string& key) {
    const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
    const std::string tail = '#' + to_hex(hash.high64) + to_hex(hash.low64);
    return key.substr(0, longest_key - tail.size()) + tail;
}

}  // namespace

std::optional<std::string> key_of(const TableSettings& table, std::string_view text) {
    text = trim(text);
    if (table.keys_are_addresses) {
        const auto address = IpAddress::parse(text);
        return address ? std::optional(address->to_string()) : std::nullopt;
    }
    if (text.empty()) return std::nullopt;
    const std::string key = table.ignores_case ? to_lower(text) : std::string(text);
    return key.size() > longest_key ? shortened(key) : key;
}

}  // namespace sluice::meter
