#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "message/binary_recoding.h"

namespace sluice::smtp {

/// A message announced with BODY=BINARYMIME on its way to one made of lines: from here on it is a
/// message as any other, for filters, mailboxes and hosts that never heard of RFC 3030.
class BinaryContent {
public:
    /// Octets behind those of the calls before; uses `input` up once all of them came out.
    /// Returns what is to be read as lines, in pieces that the caller takes from the front of it.
    std::string_view& lines(std::string_view& input) {
        if (rest_.empty()) {
            lines_.clear();
            recoder_.feed(input, lines_);
            octets_ += input.size();
            input = {};
            rest_ = lines_;
        }
        return rest_;
    }
    /// What the end of the message brings.
    std::string_view& last_lines() {
        lines_.assign(std::string(rest_));
        recoder_.finish(lines_);
        rest_ = lines_;
        return rest_;
    }
    /// Of the message as it came.
    [[nodiscard]] std::uint64_t octets() const { return octets_; }

private:
    message::BinaryRecoder recoder_;
    std::string lines_;
    std::string_view rest_;  ///< of lines_
    std::uint64_t octets_ = 0;
};

}  // namespace sluice::smtp
