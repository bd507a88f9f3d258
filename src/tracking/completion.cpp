#include "tracking/completion.h"

#include "base/bytes.h"

namespace sluice::tracking {

using log::EventKind;

void Completion::complete(Record& record) {
    if (record.dialect != Dialect::qmail_send) return;
    learn(record);
    for (log::Event& event : record.events) fill(event);
    forget(record);
}

void Completion::learn(const Record& record) {
    const std::string message(record.field("msg"));
    if (record.entry == "info msg") {
        messages_[message] = {
            std::string(record.field("sender")), parse_unsigned(record.field("bytes")).value_or(0)};
        message_order_.push_back(message);
        if (message_order_.size() > most_) {
            messages_.erase(message_order_.front());
            message_order_.pop_front();
        }
    } else if (record.entry == "starting delivery" && !record.events.empty()) {
        const log::Event& event = record.events.front();
        deliveries_[event.delivery_number] = {message, event.recipient, event.source_channel};
        delivery_order_.push_back(event.delivery_number);
        if (delivery_order_.size() > most_) {
            deliveries_.erase(delivery_order_.front());
            delivery_order_.pop_front();
        }
    }
}

void Completion::fill(log::Event& event) const {
    if (const auto delivery = deliveries_.find(event.delivery_number);
        event.delivery_number != 0 && delivery != deliveries_.end()) {
        event.envelope_id = delivery->second.message;
        event.recipient = delivery->second.recipient;
        event.original_recipient = event.recipient;
        event.source_channel = delivery->second.channel;
    }
    if (const auto message = messages_.find(event.envelope_id); message != messages_.end()) {
        event.sender = message->second.sender;
        event.bytes = message->second.bytes;
    }
}

void Completion::forget(const Record& record) {
    if (record.entry == "end msg") messages_.erase(std::string(record.field("msg")));
    if (record.entry.starts_with("delivery "))
        deliveries_.erase(parse_unsigned(record.field("delivery")).value_or(0));
}

}  // namespace sluice::tracking
