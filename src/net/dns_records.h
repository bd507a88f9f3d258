#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/limit_hits.h"

namespace sluice::net {

/// More records of an answer are not used: whoever owns a domain decides how many it has.
inline constexpr std::size_t most_records = 500;

/// The records of an answer that are used: those that are long enough, decoded. Pure but for the
/// count of the limit.
template <class Record, class Decode>
std::vector<Record> used_records(
    std::span<const std::span<const unsigned char>> all, std::size_t least_size, Decode decode
) {
    if (all.size() > most_records) {
        limits::hit(
            limits::Limit::mail_exchangers, "an answer has " + std::to_string(all.size()) +
                                                " records; " + std::to_string(most_records) +
                                                " are used"
        );
        all = all.first(most_records);
    }
    std::vector<Record> used;
    for (const auto& data : all) {
        if (data.size() >= least_size) used.push_back(decode(data));
    }
    return used;
}

}  // namespace sluice::net
