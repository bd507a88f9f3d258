#include "tracking/keys.h"

#include "base/bytes.h"
#include "log/diagnostic.h"
#include "tracking/entry_text.h"

namespace sluice::tracking {

namespace {

using log::Event;

std::string_view without_brackets(std::string_view text) {
    if (text.starts_with('<') && text.ends_with('>') && text.size() > 2)
        return text.substr(1, text.size() - 2);
    return text;
}

void add(std::vector<Key>& keys, char kind, std::string_view text) {
    if (text.empty()) return;
    const std::string lower = to_lower(text);
    keys.push_back({kind + lower, lower, false});
}

void add_native(std::vector<Key>& keys, const Event& event) {
    add(keys, 'i', without_brackets(event.message_id));
    add(keys, 'i', without_brackets(event.original_message_id));
    add(keys, 'f', unique_part(event.file_name));
    add(keys, 'e', event.envelope_id);
    if (!keys.empty() || event.recipient.empty()) return;
    const std::string addresses = to_lower(
        event.sender + '\n' +
        (event.original_recipient.empty() ? event.recipient : event.original_recipient)
    );
    keys.push_back({'w' + addresses, to_lower(event.recipient), true});
}

// "19971118095015865.AAA98@fido-Unknown": what follows the host is a tag.
std::string_view postoffice_id(const Record& record) {
    std::string_view id = without_brackets(record.field("id"));
    const std::size_t tag = id.rfind("-Unknown");
    return record.entry == "Error-Handler" ? id.substr(0, tag) : id;
}

bool is_hand_over(const Event& event) {
    return log::is_connection_entry(event.kind) || event.kind == log::EventKind::connection_arrived;
}

}  // namespace

std::vector<Key> message_keys(const Record& record) {
    std::vector<Key> keys;
    if (is_native(record.dialect)) {
        const Event& event = record.events.front();
        const bool apart = log::is_connection_entry(event.kind) ||
                           event.kind == log::EventKind::bad_command ||
                           event.kind == log::EventKind::sender_accepted ||
                           event.kind == log::EventKind::recipient_accepted ||
                           event.kind == log::EventKind::header_line;
        if (!apart) add_native(keys, event);
    } else if (record.dialect == Dialect::postoffice) {
        add(keys, 'p', postoffice_id(record));
    } else if (record.dialect == Dialect::qmail_send) {
        const std::string_view message = record.field("msg");
        const std::string_view delivery = record.field("delivery");
        if (!message.empty())
            keys.push_back({"m" + std::string(message), "msg " + std::string(message), false});
        if (!delivery.empty())
            keys.push_back({"d" + std::string(delivery), "delivery " + std::string(delivery), false}
            );
    }
    return keys;
}

std::vector<Key> connection_keys(const Record& record) {
    std::vector<Key> keys;
    if (record.dialect == Dialect::qmail_smtpd || record.dialect == Dialect::transcript) {
        add(keys, 'q', record.field("pid"));
        return keys;
    }
    if (record.dialect == Dialect::postoffice) {
        if (record.entry.starts_with("SMTP-Accept")) add(keys, 'c', record.field("client"));
        return keys;
    }
    if (!is_native(record.dialect)) return keys;
    const Event& event = record.events.front();
    const std::string pid = to_hex(event.process.pid);
    if (event.session != 0) add(keys, 's', pid + '/' + std::to_string(event.session));
    if (event.transport) add(keys, 't', log::transport_text(*event.transport));
    // A thread serves one connection at a time where the program has threads for that; a line that
    // names its connection does not need it.
    const bool named = event.session != 0 || (event.transport && !is_hand_over(event));
    if (record.shows.process && event.process.thread && !named)
        add(keys, 'r', pid + '.' + to_hex(*event.process.thread));
    return keys;
}

}  // namespace sluice::tracking
