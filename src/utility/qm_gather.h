#pragma once

#include <vector>

#include "queue/message_file.h"
#include "queue/message_reader.h"
#include "utility/qm_selector.h"

// Finding the messages that a selector describes.
namespace sluice::utility {

class Console;
class QmSession;

/// How much is looked up about each message of a gathering.
struct GatherDetail {
    bool files = true;     ///< open each file: size, envelope
    bool subject = false;  ///< read the header too
    bool reason = false;   ///< read the history too
};

/// The messages that the selector describes, from the directories or from the job controller,
/// sorted. Names that vanish meanwhile are left out. Whoever waits at `console` sees how far it is.
Result<std::vector<QueuedMessage>> gather_messages(
    QmSession& session,
    Console& console,
    const Selector& selector,
    const GatherDetail& detail,
    bool from_database
);
/// Opens the file and fills in what it says; `trouble` where it cannot be read.
void read_message(queue::MessageReader& reader, QueuedMessage& message, const GatherDetail& detail);
void read_message(queue::Store& store, QueuedMessage& message, const GatherDetail& detail);

}  // namespace sluice::utility
