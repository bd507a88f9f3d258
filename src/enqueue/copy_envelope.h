#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "enqueue/split.h"
#include "enqueue/submission.h"
#include "message/header_scanner.h"
#include "queue/envelope.h"

namespace sluice::enqueue {

/// The content has octets above 127 now: "8BITMIME" among the features of its message.
void declare_eight_bit(std::vector<std::string>& features);

/// RFC 3461 section 5.2.7: a list begins a transmission of its own. What the poster asked for ends
/// at the list, and reports about members name the members.
void begin_redistribution(SubmittedRecipient& recipient);

/// Why a copy is held; empty where it is not. `loop`: the reason to hold it for a loop, or empty.
[[nodiscard]] std::string hold_reason_of(const Copy& copy, const std::string& loop);

/// The envelope of one copy. `loop`: the reason to hold it for a loop, or empty; `now`: when the
/// message came.
[[nodiscard]] queue::Envelope copy_envelope(
    const Copy& copy,
    const Submission& submission,
    const message::HeaderFacts& facts,
    const std::string& envelope_id,
    const std::string& loop,
    WallTime now
);

}  // namespace sluice::enqueue
