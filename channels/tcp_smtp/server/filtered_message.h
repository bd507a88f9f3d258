#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/spool.h"
#include "filter/content.h"
#include "filter/content_run.h"
#include "filter/judgement.h"

namespace sluice::smtp_server {

/// A message that content filters of its source see before it goes into the queue: what has come in
/// of it, and what is known of its fate. A plain value.
struct FilteredMessage {
    explicit FilteredMessage(const std::string& directory) : spool(directory) {}

    Spool spool;                             ///< while the data come in
    std::optional<filter::Content> content;  ///< afterwards
    std::optional<filter::ContentRun> run;   ///< with the filter at `line`
    std::size_t line = 0;
    filter::Judgement judgement;
    milter::Changes changes;                      ///< of the filter that was asked last
    std::size_t change = 0;                       ///< the next one to look at
    std::vector<std::string> removed;             ///< recipients that filters want removed
    std::optional<filter::ContentReader> reader;  ///< on its way into the queue
};

}  // namespace sluice::smtp_server
