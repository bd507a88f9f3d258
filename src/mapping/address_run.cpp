#include "mapping/address_run.h"

#include "base/bytes.h"

namespace sluice::mapping {

namespace {

constexpr std::size_t longest_address = 45;  // IPv6 with an IPv4 tail

bool is_address_character(char c, bool v6) {
    if (is_digit(c) || c == '.') return true;
    return v6 && (c == ':' || (c >= 'a' && c <= 'f'));
}

}  // namespace

std::size_t address_run_end(std::string_view folded, std::size_t position, bool v6) {
    while (position < folded.size() && is_address_character(folded[position], v6)) ++position;
    return position;
}

std::optional<IpAddress> parse_address_run(std::string_view run, bool v6) {
    constexpr std::size_t shortest_v4 = 7;
    constexpr std::size_t shortest_v6 = 2;
    if (run.size() < (v6 ? shortest_v6 : shortest_v4) || run.size() > longest_address) {
        return std::nullopt;
    }
    auto address = IpAddress::parse(run);
    if (address && address->is_v6() != v6) address.reset();
    return address;
}

}  // namespace sluice::mapping
