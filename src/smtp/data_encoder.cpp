#include "smtp/data_encoder.h"

#include <algorithm>

namespace sluice::smtp {

void DataEncoder::append(std::string_view octets, std::string& out) {
    while (!octets.empty()) {
        const std::size_t run = plain_run(octets);
        out += octets.substr(0, run);
        octets.remove_prefix(run);
        if (octets.empty()) return;
        // Something has to be put in before the octet in front.
        if (previous_cr_) {
            out += '\n';
            previous_cr_ = false;
            line_start_ = true;
        } else if (octets.front() == '\n') {
            out += "\r\n";
            octets.remove_prefix(1);
            line_start_ = true;
        } else {
            out += "..";
            octets.remove_prefix(1);
            line_start_ = false;
        }
    }
}

// Octets from the front that go out as they are; brings the state up to their end.
std::size_t DataEncoder::plain_run(std::string_view octets) {
    std::size_t done = 0;
    while (done < octets.size()) {
        const std::size_t size = std::min(LineMasks::block_size, octets.size() - done);
        const LineMasks masks = LineMasks::of(octets.data() + done, size);
        const std::uint64_t expected_lf = (masks.cr << 1U) | (previous_cr_ ? 1U : 0U);
        const std::uint64_t starts = (masks.lf << 1U) | (line_start_ ? 1U : 0U);
        const std::uint64_t bare = masks.lf ^ expected_lf;
        const std::uint64_t events = (bare | (dots_ ? masks.dot & starts : 0)) & low_bits(size);
        const std::size_t count = std::min(first_bit(events), size);
        if (count > 0) {
            line_start_ = bit_at(masks.lf, count - 1);
            previous_cr_ = bit_at(masks.cr, count - 1);
        }
        done += count;
        if (count < size) return done;
    }
    return done;
}

void DataEncoder::finish(std::string& out) {
    if (previous_cr_)
        out += '\n';
    else if (!line_start_)
        out += "\r\n";
    if (dots_) out += ".\r\n";
    line_start_ = true;
    previous_cr_ = false;
}

}  // namespace sluice::smtp
