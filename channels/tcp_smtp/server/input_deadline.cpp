#include "input_deadline.h"

#include <algorithm>

namespace sluice::smtp_server {

using std::chrono::seconds;

namespace {

constexpr seconds least_under_stress{10};

}  // namespace

MonoTime data_deadline(MonoTime now, MonoTime since, std::uint64_t octets, seconds limit) {
    const seconds earned(octets / least_octets_per_second);
    return std::min(now + limit, since + limit + earned);
}

seconds under_stress(seconds limit, unsigned divisor) {
    return std::max(limit / std::max(divisor, 1U), std::min(limit, least_under_stress));
}

}  // namespace sluice::smtp_server
