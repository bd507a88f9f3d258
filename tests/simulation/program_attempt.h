#pragma once

#include <vector>

#include "program.h"
#include "queue/message_file.h"

namespace sluice::simulation {

/// One message in the hands of one thread, its file locked.
struct Program::Attempt {
    explicit Attempt(queue::MessageFile its_file) : file(std::move(its_file)) {}

    queue::MessageFile file;
    jobs::WorkItem item;
    std::vector<std::size_t> indexes;          ///< recipients that are tried
    std::vector<Ledger::Recipient> who;        ///< the same in the books
    std::vector<queue::Recipient> recipients;  ///< and in the envelope
    Meeting meeting;
    bool answered = false;  ///< what was accepted is delivered, and nothing written yet
    std::vector<dequeue::Disposition> dispositions;
    dequeue::Settlement settlement;
};

}  // namespace sluice::simulation
