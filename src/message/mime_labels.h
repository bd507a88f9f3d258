#pragma once

#include <cstddef>
#include <string_view>

#include "message/mime_part.h"

// What the header of a part says about it. Inside this room only.
namespace sluice::message {

/// Fills in type, disposition, description, content id and encoding. `in_digest`: a part without
/// Content-Type is a message (RFC 2046 section 5.1.5). Of a field that is there twice the first
/// counts.
void read_labels(std::string_view header, bool in_digest, MimePart& part);

/// Octets the labels take.
[[nodiscard]] std::size_t label_size(const MimePart& part);

/// The boundary of a multipart without blanks at its end; empty where it has none that can be used.
[[nodiscard]] std::string_view boundary_of(const MimePart& part);

}  // namespace sluice::message
