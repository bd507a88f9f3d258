#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "message/date_form.h"

// How the lines of a header are laid out where a channel asks for it. Pure.
namespace sluice::message {

/// Zero and false: as it came.
struct HeaderLayout {
    bool refold = false;            ///< unfold each field, then fold it anew
    std::size_t line_length = 0;    ///< fold lines longer than this, at blanks
    std::size_t label_column = 0;   ///< contents begin behind this many columns
    std::size_t max_addresses = 0;  ///< of one recipient field; more make a further field
    std::size_t max_chars = 0;      ///< octets of one recipient field, as far as commas allow
    DateForm dates;

    [[nodiscard]] bool keeps_all() const { return *this == HeaderLayout(); }
    friend bool operator==(const HeaderLayout&, const HeaderLayout&) = default;
};

/// One field with its line ends, laid out; several fields where it was split. Text that is no field
/// comes back as it is.
[[nodiscard]] std::string lay_out(std::string_view raw_field, const HeaderLayout& layout);

/// A field whose lines keep within 998 octets where their blanks allow it (RFC 5322 section 2.1.1):
/// for fields whose text has grown.
[[nodiscard]] std::string within_longest_line(std::string raw_field);

}  // namespace sluice::message
