#pragma once

#include <string>

#include "base/byte_source.h"
#include "conversion/labels.h"
#include "message/mime_edit.h"

// Contents of parts, on their way to a command and back.
namespace sluice::converter {

/// Writes the decoded content of a part to `fd`; of a container, its body as it stands. `as_text`:
/// lines end with LF, as programs of this system want them; else every octet is as it was.
Result<void> write_content(
    ByteSource& message, const message::MimePart& part, bool as_text, int fd
);

/// Writes a stretch of the message to `fd`, lines ending with LF.
Result<void> write_lines(ByteSource& message, const message::ByteRange& range, int fd);

/// How the content of a command's output is written: as its labels ask, where it fits; else as the
/// part was, where it fits; else in 7 bits. `complaint`: it did not fit what was asked for.
Result<message::TransferEncoding> choose_encoding(
    ByteSource& content,
    const message::MimePart& part,
    const conversion::Labels& labels,
    std::string& complaint
);

/// The part in another encoding, by its name; nothing is done where the content would not fit.
void recode(const message::MimePart& part, const std::string& encoding, message::MimeEdits& edits);

}  // namespace sluice::converter
