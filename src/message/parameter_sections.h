#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "message/content_type.h"

// RFC 2231: parameters in sections, with character set and language. Inside this room only.
namespace sluice::message {

/// As spelled: "filename*1*".
struct RawParameter {
    std::string name;
    std::string value;
};

/// "=?" in a name for people: where it does not come in sections with a character set, it is an
/// encoded word. In other parameters nobody means them.
[[nodiscard]] bool may_hold_encoded_words(const Parameter& parameter);

/// Sections are put together in the order of their numbers, at the place of the first of them;
/// a gap is passed over. Where a parameter is there both in sections and plain, the plain one is
/// for those who do not know better, and goes.
[[nodiscard]] Parameters joined_sections(std::vector<RawParameter> raw);

/// "name*0*=utf-8''...", "name*1*=...", each at most `room` octets where the name allows it; one
/// alone is "name*=utf-8''...".
[[nodiscard]] std::vector<std::string> parameter_sections(
    const Parameter& parameter, std::size_t room
);

}  // namespace sluice::message
