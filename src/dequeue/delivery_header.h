#pragma once

#include <string>

#include "channel/channel.h"
#include "queue/envelope.h"

namespace sluice::dequeue {

/// What a channel that delivers puts in front of the message for this recipient: Return-path and
/// Original-recipient, where its keywords ask for them; with CRLF. Pure.
std::string delivery_header(
    const channel::Channel& channel,
    const queue::Envelope& envelope,
    const queue::Recipient& recipient
);

}  // namespace sluice::dequeue
