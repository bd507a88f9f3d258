#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::utility {

struct StrippedHeader {
    std::string header;       ///< with its blank line, if it had one
    std::size_t removed = 0;  ///< fields
};

/// A header block, with CRLF or LF line ends, without its trace fields (Received, MR-Received,
/// X400-Received) but the oldest `kept` of each kind: those at its end. Every other octet stays.
/// Pure.
StrippedHeader strip_trace_fields(std::string_view header, std::size_t kept);

}  // namespace sluice::utility
