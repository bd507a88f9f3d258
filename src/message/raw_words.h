#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::message {

/// The fields of a header with text that has octets above 127 as encoded words (RFC 2047) of
/// `charset`, which somebody says it is in: words of unstructured fields (Subject, Comments,
/// Content-Description, Organization, Thread-Topic), and names in front of addresses. Text that is
/// none of the set stays, and so does what stands elsewhere. nullopt: nothing changed. Pure.
[[nodiscard]] std::optional<std::string> encode_raw_words(
    std::string_view header, std::string_view charset
);

}  // namespace sluice::message
