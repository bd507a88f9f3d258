#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "enqueue/submission.h"
#include "log/event.h"
#include "log/log_file.h"
#include "message/header_scanner.h"

namespace sluice::enqueue {

/// One copy of a message as the log sees it.
struct LoggedCopy {
    std::string destination_channel;
    bool destination_logs = false;
    std::string sender;
    std::string envelope_id;
    WallTime enqueued{};    ///< when the message first came in
    WallTime finished{};    ///< when its last octet was there
    std::string file_name;  ///< empty where no file was made: the mail was thrown away
    std::uint64_t bytes = 0;
    std::string filter_text = {};                ///< of filters of the destination
    std::string hold_reason = {};                ///< empty where the file is not held
    const std::vector<std::size_t>& recipients;  ///< indexes into Submission::recipients
};

/// Appends an event E for each recipient of the copy, and H where it is held, where source or
/// destination log or another reader of the log wants it.
void add_enqueue_entries(
    const Submission& submission,
    const message::HeaderFacts& facts,
    const log::TransactionLog& log,
    bool source_logs,
    log::Event common,  ///< time and node
    const LoggedCopy& copy,
    std::vector<log::Event>& entries
);

/// Appends what LOG_HEADER shows of the message behind its E entries, if there are any.
void add_header_entries(std::vector<std::string> lines, std::vector<log::Event>& entries);

}  // namespace sluice::enqueue
