#pragma once

#include <memory>
#include <string>
#include <vector>

#include "message/byte_edit.h"
#include "message/mime_edit.h"
#include "message/transfer_encoding.h"

// Contents on their way through decoders and encoders. Inside this room only.
namespace sluice::message {

/// Gives octets to a sink; may be asked several times.
using ContentProducer = std::function<Result<void>(const ByteSink&)>;

ContentProducer content_of(std::shared_ptr<ByteSource> source);
/// A body in `encoding`, decoded.
ContentProducer decoded_content(
    std::shared_ptr<ByteSource> source, const ByteRange& body, TransferEncoding encoding
);
/// What a filter makes of `content`.
ContentProducer changed_content(ContentProducer content, MakeContentFilter change);
/// The body that `content` makes. `line_end_behind`: it ends with one unless it is empty.
ContentProducer encoded_body(
    ContentProducer content, TransferEncoding encoding, ContentMode mode, bool line_end_behind
);
/// The same, for a place where a line end follows that is LF alone: a CR at the end of `content`
/// would become half of it, and gets another one for that.
ContentProducer in_front_of_line_feed(ContentProducer content);
/// A line of `content` would be taken for a boundary line of one of `boundaries`.
Result<bool> has_boundary_line(
    const ContentProducer& content, const std::vector<std::string>& boundaries
);

}  // namespace sluice::message
