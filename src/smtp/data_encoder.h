#pragma once

#include <string>
#include <string_view>

#include "smtp/line_masks.h"

namespace sluice::smtp {

/// Turns message octets into what follows DATA on the wire: line ends become CR LF whatever they
/// were (LF, CR, CR LF), a dot at the start of a line is doubled, the end mark closes the last
/// line. What comes out never holds a bare CR or LF, so no next hop can be talked into seeing a
/// second message in it (RFC 5321 section 4.5.2). Works on pieces cut anywhere.
class DataEncoder {
public:
    /// Without `dots` (BDAT) neither dots nor an end mark are added.
    explicit DataEncoder(bool dots = true) : dots_(dots) {}

    /// Appends the wire form of `octets` to `out`: at most twice their number and one more.
    void append(std::string_view octets, std::string& out);
    /// Completes the last line and appends the end mark. The encoder is then as new.
    void finish(std::string& out);

private:
    std::size_t plain_run(std::string_view octets);

    bool dots_;
    bool line_start_ = true;
    bool previous_cr_ = false;  // a CR is out, its LF is not
};

}  // namespace sluice::smtp
