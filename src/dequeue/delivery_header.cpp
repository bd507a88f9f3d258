#include "dequeue/delivery_header.h"

#include "channel/channel_settings.h"
#include "message/header_field.h"

namespace sluice::dequeue {

std::string delivery_header(
    const channel::Channel& channel,
    const queue::Envelope& envelope,
    const queue::Recipient& recipient
) {
    if (!channel::adds_return_path(channel)) return {};
    std::string lines = message::fold_header("Return-path", '<' + envelope.sender + '>');
    if (recipient.orcpt) {
        const std::string type = recipient.orcpt_type.value_or("rfc822");
        lines += message::fold_header("Original-recipient", type + ';' + *recipient.orcpt);
    }
    return lines;
}

}  // namespace sluice::dequeue
