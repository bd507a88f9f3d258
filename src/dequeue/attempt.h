#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dequeue/disposition.h"
#include "dequeue/settlement.h"
#include "queue/message_file.h"

namespace sluice::dequeue {

/// One message on its way through an attempt. The vectors have an element for each recipient tried.
struct Attempt {
    explicit Attempt(queue::MessageFile message)
        : file(std::move(message)), location(file.location()) {}

    queue::MessageFile file;
    queue::MessageLocation location;   ///< at the beginning: this name is logged
    std::vector<std::size_t> indexes;  ///< in the envelope
    std::vector<queue::Recipient> recipients;
    std::vector<Disposition> dispositions;
    Settlement settlement;
    std::vector<bool> told;    ///< somebody is told that the recipient was given up
    std::vector<bool> warned;  ///< somebody is told that the recipient has to wait
    std::vector<bool> held;    ///< only holding it is left
    /// Why, by policy; empty where the disposition or the postmaster's failing mail says it.
    std::vector<std::string> hold_reasons;
    WallTime now{};
    std::chrono::milliseconds delivery_time{0};  ///< that the channel program took
    /// How the log knows the delivery to each; empty where nobody is told of deliveries.
    std::vector<std::uint64_t> delivery_numbers;

    /// Whether the recipient at `i` is in the file that goes on.
    [[nodiscard]] bool goes_on(std::size_t i) const {
        const bool apart = settlement.action == FileAction::divide && held[i];
        return stays(settlement.recipients[i].fate) && !apart;
    }
};

}  // namespace sluice::dequeue
