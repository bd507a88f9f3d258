#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/result.h"
#include "config/file_source.h"
#include "message/header_trim.h"

// <channel>_headers.opt and <channel>_read_headers.opt: the header option files of a channel with
// headertrim or headerread (docs/man/header_options.5).
namespace sluice::config {

/// "Name: OPTION=value, OPTION=value"; a line that begins with white space goes on with the line
/// above it, "!" in column one starts a comment. Findings: E450 no header name, E451 no option,
/// E452 open quote, E453 not for this line, E405 malformed value; W405 unknown option, W450 said
/// before (the last counts), W452 MAXIMUM=0.
message::HeaderOptions parse_header_options(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
);
/// A missing file is nothing to do, and a finding (W451) at `asked_for`, the keyword's place; an
/// unreadable one is an Error.
Result<message::HeaderOptions> load_header_options(
    FileSource& files,
    const std::string& path,
    const SourceLocation& asked_for,
    Diagnostics& diagnostics
);

/// The header option files of one channel.
struct ChannelHeaderOptions {
    message::HeaderOptions read;  ///< of mail the channel enqueues, before processing
    message::HeaderOptions trim;  ///< of mail for the channel, after processing
};

}  // namespace sluice::config
