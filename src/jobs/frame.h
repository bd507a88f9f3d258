#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jobs/protocol.h"

namespace sluice::jobs {

/// One frame; `body` points into the reader's buffer and lives until its next call.
struct Frame {
    Verb verb{};
    std::string_view body;
};

/// Cuts a stream of bytes into frames: four octets of length (most significant first), one octet of
/// verb, body. No I/O. After an error the stream is lost and the connection must be closed.
class FrameReader {
public:
    /// Appends what was read. The buffer never holds more than one unfinished frame plus what one
    /// call brought.
    void feed(std::string_view bytes);
    /// The next whole frame, nullopt when more bytes are needed, an Error when the announced length
    /// is zero or over max_frame.
    Result<std::optional<Frame>> next();
    /// Bytes of an unfinished frame.
    [[nodiscard]] std::size_t pending() const { return buffer_.size() - at_; }

private:
    std::string buffer_;
    std::size_t at_ = 0;
};

}  // namespace sluice::jobs
