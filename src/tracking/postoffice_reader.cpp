#include "tracking/postoffice_reader.h"

#include <array>

#include "base/bytes.h"
#include "tracking/line_template.h"

namespace sluice::tracking {

namespace {

using log::Event;
using log::EventKind;

/// Makes the events of an entry out of its fields.
using Maker = void (*)(Record& record);

Event event_of(const Record& record, EventKind kind) {
    Event event;
    event.kind = kind;
    if (record.stamp.time) event.time = *record.stamp.time;
    event.source_channel = record.entry.substr(0, record.entry.find(':'));
    event.application = "SMTP";
    event.envelope_id = record.field("id");
    event.bytes = parse_unsigned(record.field("bytes")).value_or(0);
    std::string_view client = record.field("client");
    if (client.size() > 2) {
        client = client.substr(1, client.size() - 2);
        if (starts_with_ignoring_case(client, "IPv6:")) client.remove_prefix(5);
        event.source.address = IpAddress::parse(client);
        event.source.display = log::PeerDisplay::address_only;
        if (event.source.address) {
            const IpAddress unknown =
                event.source.address->is_v4() ? IpAddress::v4({}) : IpAddress::v6({});
            event.transport = log::Transport{{unknown, 25}, {*event.source.address, 0}};
        }
    }
    return event;
}

std::string_view without_brackets(std::string_view address) {
    address = trim(address);
    if (address.starts_with('<') && address.ends_with('>'))
        return address.substr(1, address.size() - 2);
    return address;
}

std::chrono::milliseconds seconds_of(const Record& record) {
    return std::chrono::seconds(parse_unsigned(record.field("seconds")).value_or(0) % 100'000'000);
}

// One event for each name of the list.
void add_for_each(Record& record, std::string_view list, Event event) {
    for (const std::string_view name : split(list, ',')) {
        event.recipient = without_brackets(name);
        event.original_recipient = event.recipient;
        record.events.push_back(event);
    }
}

void none(Record&) {}
void connect(Record& record) {
    record.events.push_back(event_of(record, EventKind::connection_opened));
}
void refused(Record& record) {
    record.events.push_back(event_of(record, EventKind::connection_refused));
}
void close(Record& record) {
    Event event = event_of(record, EventKind::connection_closed);
    event.session_time = seconds_of(record);
    event.session_messages = parse_unsigned(record.field("messages")).value_or(0);
    event.session_bytes = event.bytes;
    if (record.entry.ends_with("Abort")) event.diagnostic = "aborted by the client";
    if (record.entry.ends_with("Timeout")) event.diagnostic = "timed out";
    record.events.push_back(std::move(event));
}
void received(Record& record) {
    Event event = event_of(record, EventKind::enqueued);
    event.destination_channel = "SMTP-Router";
    event.transaction_time = seconds_of(record);
    event.sender = without_brackets(record.field("sender"));
    add_for_each(record, record.field("recipients"), std::move(event));
}
void alert(Record& record) {
    Event event = event_of(record, EventKind::bad_command);
    event.diagnostic = record.field("text");
    const std::string_view text = record.field("text");
    const std::size_t open = text.find("``");
    if (open != std::string_view::npos)
        event.command = text.substr(open + 2, text.find("''", open) - open - 2);
    record.events.push_back(std::move(event));
}
void blocked(Record& record) {
    Event event = event_of(record, EventKind::enqueue_refused);
    event.sender = without_brackets(record.field("sender"));
    event.recipient = "*";
    event.diagnostic = record.entry.ends_with("RelayDenied") ? "relay denied" : "sender blocked";
    event.diagnostic += ", recipients: " + std::string(record.field("count"));
    record.events.push_back(std::move(event));
}
void queue_request(Record& record) {
    Event event = event_of(record, EventKind::etrn);
    event.diagnostic = record.field("domain");
    record.events.push_back(std::move(event));
}
void mailbox(Record& record) {
    add_for_each(record, record.field("names"), event_of(record, EventKind::dequeued));
}
void deliver(Record& record) {
    const bool delivered = record.field("action") == "Delivered";
    Event event = event_of(record, delivered ? EventKind::dequeued : EventKind::deferred);
    event.sender = without_brackets(record.field("sender"));
    event.remote_host = record.field("host");
    event.diagnostic = "dns;" + event.remote_host;
    add_for_each(record, record.field("recipients"), std::move(event));
}
void login(Record& record) {
    Event event = event_of(record, EventKind::authentication);
    event.application = "POP3";
    event.username = record.field("login");
    event.message_info = record.field("error");
    record.events.push_back(std::move(event));
}

struct Form {
    std::string_view entry;
    std::string_view form;  ///< behind "entry:"
    Maker make;
};

// The longer names come before those they begin with.
constexpr std::array<Form, 48> forms = {{
    {"Finger-Server", "{[client}:{name}", none},
    {"POP3-Server:Login", "{[client}:{login}", login},
    {"POP3-Server:FailedLogin", "{[client}:{login}:{error}", login},
    {"POP3-Server:Retrieve", "{[client}:{login}:{#bytes}:{#seconds}:{<sender}", none},
    {"POP3-Server:Retrieve", "{login}:{#bytes}:{#seconds}:{<sender}", none},
    {"POP3-Server:Logout", "{[client}:{login}:{#seconds}", none},
    {"POP3-Server:Logout", "{login}:{#seconds}", none},
    {"POP3-Server:NoLogin", "{[client}:{#seconds}", none},
    {"POP3-Server:Closed", "{[client}:{login}:{#seconds}", none},
    {"SMTP-Accept:ConnectionRefused", "{[client}", refused},
    {"SMTP-Accept:Connect", "{[client}", connect},
    {"SMTP-Accept:Close", "{[client}:{#seconds}:{#messages}:{#bytes}", close},
    {"SMTP-Accept:Abort", "{[client}:{#seconds}:{#messages}:{#bytes}", close},
    {"SMTP-Accept:Timeout", "{[client}:{#seconds}:{#messages}:{#bytes}", close},
    {"SMTP-Accept:Received", "{[client}:{id}:{#bytes}:{#seconds}:{<sender}:{<recipients}",
     received},
    {"SMTP-Accept:System", "{text}", none},
    {"SMTP-Accept:Alert", "{[client}:{text}", alert},
    {"SMTP-Accept:SenderBlocked", "{[client}:{<sender}:{#count}", blocked},
    {"SMTP-Accept:RelayDenied", "{[client}:{<sender}:{#count}", blocked},
    {"SMTP-Accept:QueueRequest", "{[client}:{domain}", queue_request},
    {"SMTP-Accept:Expand", "{[client}:{<address}", none},
    {"SMTP-Accept:Verify", "{[client}:{<address}", none},
    {"WWW-Server:List-Created", "{list}", none},
    {"WWW-Server:List-Deleted", "{list}", none},
    {"WWW-Server:User-Subscribed", "{list}:{<address}:{mode}", none},
    {"WWW-Server:User-Unsubscribed", "{list}:{<address}:{mode}", none},
    {"WWW-Server:User-Unubscribed", "{list}:{<address}:{mode}", none},
    {"WWW-Server", "{[client}:{request}", none},
    {"Account-Handler", "{id}", none},
    {"Account-Manager", "{id}", none},
    {"AutoReply-Handler", "{id}", none},
    {"Configuration-Manager", "{id}", none},
    {"Error-Handler:Error", "{text}", none},
    {"Error-Handler", "{id}", none},
    {"List-Exploder:List-Activity-Immediate-Verbose", "{list}:{<id}:{#bytes}:{<recipients}", none},
    {"List-Exploder:List-Activity-Immediate", "{list}:{<id}:{#bytes}:{#count}", none},
    {"List-Exploder", "{id}", none},
    {"List-Manager:User-Subscribed", "{list}:{<address}:{mode}", none},
    {"List-Manager:User-Unsubscribed", "{list}:{<address}:{mode}", none},
    {"List-Manager:User-Unubscribed", "{list}:{<address}:{mode}", none},
    {"List-Manager", "{id}", none},
    {"List-Scheduler:List-Statistics", "{list}:{#messages}:{#bytes}:{#subscribers}:{schedule}",
     none},
    {"List-Scheduler:List-Activity-Digest-Verbose", "{list}:{<id}:{#bytes}:{<recipients}", none},
    {"List-Scheduler:List-Activity-Digest", "{list}:{<id}:{#bytes}:{#count}", none},
    {"Mailbox-Deliver", "{id}:{names}", mailbox},
    {"Program-Deliver", "{id}:{names}", mailbox},
    {"SMTP-Deliver:Warning", "{text}", none},
    {"SMTP-Deliver", "{id}:{action}:{#bytes}:{host}:{<sender}:{<recipients}", deliver},
}};
constexpr Form router = {"SMTP-Router", "{id}", none};

bool read_form(const Form& form, std::string_view body, Record& record) {
    if (!body.starts_with(form.entry)) return false;
    std::string_view rest = body.substr(form.entry.size());
    while (rest.starts_with(' ')) rest.remove_prefix(1);  // where a folded line was joined
    if (!rest.starts_with(':')) return false;
    record.fields.clear();
    if (!match_template(form.form, rest.substr(1), true, record.fields)) return false;
    record.entry = body.substr(0, form.entry.size());
    record.dialect = Dialect::postoffice;
    form.make(record);
    return true;
}

const Form* form_of(const Record& record) {
    for (const Form& form : forms) {
        if (form.entry != record.entry) continue;
        std::vector<NamedValue> names;
        const std::string filled = fill_template(form.form, record.fields);
        if (match_template(form.form, filled, true, names) && names.size() == record.fields.size())
            return &form;
    }
    return record.entry == router.entry ? &router : nullptr;
}

}  // namespace

bool read_postoffice(std::string_view body, Record& record) {
    for (const Form& form : forms) {
        if (read_form(form, body, record)) return true;
    }
    if (read_form(router, body, record)) return true;
    record.fields.clear();
    return false;
}

bool read_postoffice_continuation(std::string_view line, Record& record) {
    if (!line.starts_with('\t')) return false;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon < 2) return false;
    const std::string_view name = line.substr(1, colon - 1);
    if (name.find_first_of(" \t") != std::string_view::npos) return false;
    record.dialect = Dialect::postoffice;
    record.entry = "control";
    record.body = line;
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    record.fields = {{name, value}};
    return true;
}

namespace {

std::string control_text(const NamedValue& field) {
    return "\t" + std::string(field.name) + ": " + std::string(field.value);
}

}  // namespace

std::optional<std::string> postoffice_text(
    std::string_view entry, const std::vector<NamedValue>& fields
) {
    if (entry == "control") {
        if (fields.size() != 1) return std::nullopt;
        return control_text(fields.front());
    }
    const auto filled = [&](const Form& form) {
        return std::string(entry) + ':' + fill_template(form.form, fields);
    };
    for (const Form& form : forms) {
        if (form.entry == entry && has_captures(form.form, fields)) return filled(form);
    }
    if (router.entry == entry && has_captures(router.form, fields)) return filled(router);
    return std::nullopt;
}

std::string write_postoffice(const Record& record) {
    if (record.entry == "control") return control_text(record.fields.front());
    const Form* form = form_of(record);
    if (form == nullptr) return std::string(record.body);
    return std::string(record.entry) + ':' + fill_template(form->form, record.fields);
}

}  // namespace sluice::tracking
