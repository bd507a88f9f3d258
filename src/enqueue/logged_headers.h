#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channel/channel.h"
#include "message/header_trim.h"

// Header lines in the transaction log (option LOG_HEADER, keyword logheader, file log_header.opt).
namespace sluice::enqueue {

/// When the header lines of a channel's messages are logged.
struct HeaderLogging {
    bool at_enqueue = false;
    bool at_dequeue = false;
};
/// The keyword of the source channel counts: bit 0 is dequeue, bit 1 enqueue; without it
/// `by_option` (LOG_HEADER) means enqueue. `source` may be null.
HeaderLogging header_logging(const channel::Channel* source, bool by_option);

/// "Name: unfolded value" for each line of `header`, a block of fields, that the options let
/// through. Foreign octets stay. Pure.
std::vector<std::string> logged_header_lines(
    std::string_view header, const message::HeaderOptions& options
);

}  // namespace sluice::enqueue
