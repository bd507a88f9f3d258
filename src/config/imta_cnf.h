#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "channel/channel_table.h"
#include "config/file_source.h"
#include "rewrite/host_table.h"
#include "rewrite/rule_set.h"

namespace sluice::config {

/// What imta.cnf says. Usable only if the reader reported no error.
struct ImtaCnf {
    rewrite::RuleSet rules;          ///< those that could be read
    channel::ChannelTable channels;  ///< in file order
    rewrite::HostTable hosts;        ///< the host names of `channels`, for rewriting
};

/// The channel table as the rewrite engine sees it. A name that occurs twice belongs to its first
/// channel.
rewrite::HostTable host_table_of(const channel::ChannelTable& channels);

/// Directories that names of the form `IMTA_TABLE:file` stand for: "IMTA_TABLE" -> directory. Where
/// IMTA_TABLE itself is not given it is the directory of the file that is read.
using LogicalNames = std::map<std::string, std::string, LessIgnoringCase>;

/// Reads imta.cnf and the files it includes (imta.cnf(5)). Reports every error and warning of the
/// text in one pass, ordered by place, and goes on after each; where `diagnostics` gains an error
/// the configuration must not be used. Pure but for `files`.
ImtaCnf read_imta_cnf(
    const std::string& path,
    FileSource& files,
    Diagnostics& diagnostics,
    const LogicalNames& logical_names = {}
);

}  // namespace sluice::config
