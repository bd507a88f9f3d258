#pragma once

#include <optional>

#include "base/diagnostic.h"
#include "base/result.h"
#include "channel/channel_table.h"
#include "config/file_source.h"
#include "config/options.h"
#include "message/header_trim.h"

// log_header.opt: which header lines the transaction log shows (LOG_HEADER, keyword logheader). The
// file has the form of header_options(5).
namespace sluice::config {

/// nullopt where nobody asks for header lines, and where the file is missing: then nothing is
/// logged, which is a finding (W451) at the option or keyword.
Result<std::optional<message::HeaderOptions>> load_log_header(
    FileSource& files,
    const std::string& path,
    const Options& options,
    const channel::ChannelTable& channels,
    Diagnostics& diagnostics
);

}  // namespace sluice::config
