#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ip_address.h"

namespace sluice::mapping {

/// Entries filed under a network: finds those whose network holds some address in a text. One look
/// into a hash table for each length of prefix in use and each place where an address can begin.
class NetworkIndex {
public:
    /// The first `bits` bits of the address, and which family and how many they are.
    [[nodiscard]] static std::string key(const IpAddress& address, unsigned bits);

    void add(const IpAddress& address, unsigned bits, std::uint32_t entry);
    /// Appends the entries, in no order, possibly more than once. `folded` is in lower case.
    void collect(std::string_view folded, std::vector<std::uint32_t>& entries) const;

private:
    void collect_family(std::string_view folded, bool v6, std::vector<std::uint32_t>& entries)
        const;

    std::unordered_map<std::string, std::vector<std::uint32_t>> entries_;
    std::vector<unsigned> lengths_v4_;
    std::vector<unsigned> lengths_v6_;
};

}  // namespace sluice::mapping
