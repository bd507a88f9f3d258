#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "smtp/data_decoder.h"

namespace sluice::smtp {

/// Cuts command lines out of a stream of octets in any pieces. Keeps at most `limit` octets.
///
/// A line that is too long, or that holds a CR or LF which the line endings do not allow, is
/// reported as soon as that shows, and the rest of it up to the next proper end is swallowed: the
/// peer is answered at once, yet what follows a bare LF is never taken for a command.
class LineReader {
public:
    enum class Kind { complete, too_long, bare_line_end };
    struct Line {
        Kind kind = Kind::complete;
        /// Without the line end; what came before the fault for the other kinds. Valid until the
        /// next call and as long as the input.
        std::string_view text;
    };

    LineReader(LineEndings endings, std::size_t limit) : endings_(endings), limit_(limit) {}

    /// The next line from the front of `input`, which is moved past what was used.
    std::optional<Line> next(std::string_view& input);

    /// Octets of a line are waiting for their end.
    [[nodiscard]] bool has_partial_line() const {
        return !buffer_.empty() || previous_cr_ || swallowing_;
    }
    /// Octets swallowed since the last proper line end.
    [[nodiscard]] std::uint64_t swallowed() const { return swallowed_; }
    void set_limit(std::size_t limit) { limit_ = limit; }
    /// After a line that ended in CR alone: takes an LF that belongs to it off the input.
    void skip_line_feed(std::string_view& input);
    /// Forgets everything read.
    void clear();

private:
    std::optional<Line> complete_line();
    std::optional<Line> fault(Kind kind);
    std::optional<Line> on_line_feed();
    std::optional<Line> on_carriage_return();
    bool take_text(std::string_view text);

    LineEndings endings_;
    std::size_t limit_;
    std::string buffer_;
    std::string line_;  // the line last returned, when it had to be put together
    bool previous_cr_ = false;
    bool skip_lf_ = false;
    bool swallowing_ = false;
    std::uint64_t swallowed_ = 0;
};

}  // namespace sluice::smtp
