#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::address {

/// RFC 6533 section 3, utf-8-addr-xtext: valid UTF-8 in ASCII, with \x{HEX} of two digits at least
/// for what is not plain. At most `longest` octets, without a part of an escape at the end. What
/// comes out is xtext as well (RFC 3461 section 4). Pure.
std::string utf8_xtext(std::string_view address, std::size_t longest);

}  // namespace sluice::address
