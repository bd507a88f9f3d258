#pragma once

#include <string_view>

#include "base/bytes.h"
#include "queue/envelope.h"

// What writer and reader of envelopes share. For envelope_*.cpp only.
namespace sluice::queue {

inline constexpr std::string_view known_letters = "vbketucsoiahprdlxqwmjfgnyzCY";
inline constexpr std::string_view boundary_start = "Boundary_(ID_";
inline constexpr std::size_t boundary_size = boundary_start.size() + 22 + 1;

/// "x;value"
inline bool is_record(std::string_view line) {
    return line.size() >= 2 && line[1] == ';' && is_alpha(line[0]);
}

/// Addresses that would be taken for something else get a '=' in front.
inline bool needs_mark(std::string_view address) {
    return is_record(address) || address.front() == '=' || address.starts_with(boundary_start);
}

inline bool is_boundary(std::string_view line) {
    if (line.size() != boundary_size || !line.starts_with(boundary_start) || line.back() != ')') {
        return false;
    }
    for (const char c : line.substr(boundary_start.size(), 22)) {
        if (!is_alnum(c) && c != '-' && c != '_') return false;
    }
    return true;
}

inline std::string_view encoding_word(ContentEncoding encoding) {
    switch (encoding) {
        case ContentEncoding::lf:
            return "lf";
        case ContentEncoding::crlf:
            return "crlf";
        case ContentEncoding::raw:
            return "raw";
    }
    return "raw";
}

}  // namespace sluice::queue
