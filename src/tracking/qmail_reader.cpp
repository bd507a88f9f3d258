#include "tracking/qmail_reader.h"

#include <array>

#include "base/bytes.h"
#include "tracking/line_template.h"

namespace sluice::tracking {

namespace {

using log::Event;
using log::EventKind;
using Maker = void (*)(Record& record);

std::uint64_t number(const Record& record, std::string_view name) {
    return parse_unsigned(record.field(name)).value_or(0);
}

Event event_of(const Record& record, EventKind kind) {
    Event event;
    event.kind = kind;
    if (record.stamp.time) event.time = *record.stamp.time;
    event.envelope_id = record.field("msg");
    event.bytes = number(record, "bytes");
    event.sender = record.field("sender");
    event.recipient = record.field("recipient");
    event.original_recipient = event.recipient;
    event.delivery_number = number(record, "delivery");
    event.session = number(record, "pid");
    event.username = record.field("user");
    event.source.address = IpAddress::parse(record.field("client"));
    event.source.display = log::PeerDisplay::name_and_address;
    return event;
}

void add(Record& record, EventKind kind, std::string diagnostic = {}) {
    Event event = event_of(record, kind);
    event.diagnostic = std::move(diagnostic);
    record.events.push_back(std::move(event));
}

void none(Record&) {}

// The queue manager. "remote" and "local" are what it has for channels.
void accepted(Record& record) {
    add(record, EventKind::enqueued);
}
void starting(Record& record) {
    add(record, EventKind::delivery_started);
    record.events.back().source_channel = record.field("class");
}
void success(Record& record) {
    add(record, EventKind::dequeued, uncleaned(record.field("text")));
}
void failure(Record& record) {
    add(record, EventKind::returned, uncleaned(record.field("text")));
}
void deferral(Record& record) {
    add(record, EventKind::deferred, uncleaned(record.field("text")));
}
void mangled(Record& record) {
    add(record, EventKind::deferred, "report mangled, will defer");
}
void gone(Record& record) {
    add(record, EventKind::message_gone);
}

// tcpserver and what runs below it.
void add_connection(Record& record, EventKind kind, std::string diagnostic = {}) {
    add(record, kind, std::move(diagnostic));
    Event& event = record.events.back();
    event.source_channel = "qmail-smtpd";
    event.application = "SMTP";
}
void arrived(Record& record) {
    add_connection(record, EventKind::connection_arrived);
}

// "host:ip:port", the host and an IPv6 address in brackets may be empty.
std::optional<Endpoint> parse_place(std::string_view text, std::string& host) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    host = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    std::string_view address;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        address = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
    } else {
        address = text.substr(0, text.find(':'));
        text.remove_prefix(address.size());
    }
    const auto ip = IpAddress::parse(address);
    const auto port = parse_unsigned(text.substr(text.rfind(':') + 1));
    if (!ip || !port || *port > 65535) return std::nullopt;
    return Endpoint{*ip, static_cast<std::uint16_t>(*port)};
}

void set_places(Record& record) {
    Event& event = record.events.back();
    std::string server;
    std::string peer;
    const auto local = parse_place(record.field("server"), server);
    const auto remote = parse_place(record.field("peer"), peer);
    if (remote) {
        event.source.address = remote->address;
        event.source.reverse_name = peer;
    }
    if (local && remote) event.transport = log::Transport{*local, *remote};
    event.node = server;
}
void opened(Record& record) {
    add_connection(record, EventKind::connection_opened);
    set_places(record);
}
void denied(Record& record) {
    add_connection(record, EventKind::connection_refused);
    set_places(record);
}
void ended(Record& record) {
    const std::string_view status = record.field("status");
    add_connection(
        record, EventKind::connection_closed,
        status == "0" ? std::string() : "status " + std::string(status)
    );
}
void listed(Record& record) {
    add_connection(
        record, EventKind::connection_refused,
        std::string(record.field("code")) + ' ' + std::string(record.field("text"))
    );
}
void greylisted(Record& record) {
    const std::string_view decision = record.field("decision");
    if (!decision.starts_with("OK"))
        add_connection(record, EventKind::enqueue_refused, std::string(decision));
}
void refused_domain(Record& record) {
    add_connection(record, EventKind::enqueue_refused, "sender's domain does not exist");
    record.events.back().sender = record.field("domain");
}
void sender(Record& record) {
    add_connection(record, EventKind::sender_accepted);
}
void recipient(Record& record) {
    add_connection(record, EventKind::recipient_accepted);
}
void unknown_recipient(Record& record) {
    add_connection(record, EventKind::enqueue_refused, "recipient not valid");
    record.events.back().recipient = record.field("address");
}
void logged_in(Record& record) {
    add_connection(record, EventKind::authentication, "235 AUTH successful");
}
void not_logged_in(Record& record) {
    add_connection(record, EventKind::authentication, "535 AUTH failed");
}
void early(Record& record) {
    const std::string_view what = record.field("what");
    const bool left = what == "disconnected";
    add_connection(
        record, left ? EventKind::connection_closed : EventKind::connection_refused,
        "before greeting: client " + std::string(what)
    );
}

struct Form {
    Dialect dialect;
    std::string_view entry;
    std::string_view form;
    Maker make;
};

constexpr Dialect send = Dialect::qmail_send;
constexpr Dialect smtpd = Dialect::qmail_smtpd;

// clang-format off
constexpr std::array<Form, 43> forms = {{
    {send, "new msg", "new msg {#msg}", none},
    {send, "info msg", "info msg {#msg}: bytes {#bytes} from <{sender}> qp {#qp} uid {#uid}", accepted},
    {send, "starting delivery", "starting delivery {#delivery}: msg {#msg} to {class} {recipient}", starting},
    {send, "delivery success", "delivery {#delivery}: success: {text}", success},
    {send, "delivery failure", "delivery {#delivery}: failure: {text}", failure},
    {send, "delivery deferral", "delivery {#delivery}: deferral: {text}", deferral},
    {send, "delivery mangled", "delivery {#delivery}: report mangled, will defer", mangled},
    {send, "end msg", "end msg {#msg}", gone},
    {send, "status", "status: local {#local}/{#local_limit} remote {#remote}/{#remote_limit} {state}", none},
    {send, "status", "status: local {#local}/{#local_limit} remote {#remote}/{#remote_limit}", none},
    {send, "status", "status: {state}", none},
    {send, "bounce msg", "bounce msg {#msg} qp {#qp}", none},
    {send, "triple bounce", "triple bounce: discarding {text}", none},
    {send, "warning", "warning: {text}", none},
    {send, "alert", "alert: {text}", none},
    {smtpd, "status", "tcpserver: status: {#connections}/{#limit}", none},
    {smtpd, "status", "tcpserver: status {#connections}/{#limit}", none},
    {smtpd, "pid", "tcpserver: pid {#pid} from {client}", arrived},
    {smtpd, "ok", "tcpserver: ok {#pid} {server} {peer}", opened},
    {smtpd, "deny", "tcpserver: deny {#pid} {server} {peer}", denied},
    {smtpd, "end", "tcpserver: end {#pid} status {#status}", ended},
    {smtpd, "rblsmtpd", "rblsmtpd: {client} pid {#pid}: {#code} {text}", listed},
    {smtpd, "jgreylist", "jgreylist[{#pid}]: {client} {decision}", greylisted},
    {smtpd, "jgreylist", "jgreylist: {client} {decision}", greylisted},
    {smtpd, "MFCHECK pass", "qmail-smtpd[{#pid}]: MFCHECK pass [{client}] {domain}", none},
    {smtpd, "MFCHECK fail", "qmail-smtpd[{#pid}]: MFCHECK fail [{client}] {domain}", refused_domain},
    {smtpd, "MFCHECK bypassed", "qmail-smtpd[{#pid}]: MFCHECK bypassed [{client}] {address}", none},
    {smtpd, "Received-SPF", "qmail-smtpd[{#pid}]: Received-SPF: {result} ({host}: {text})", none},
    {smtpd, "Received-SPF", "qmail-smtpd[{#pid}]: Received-SPF: {result} ({text})", none},
    {smtpd, "MAIL FROM", "qmail-smtpd[{#pid}]: MAIL FROM:{<sender}", sender},
    {smtpd, "RCPT TO", "qmail-smtpd[{#pid}]: RCPT TO:{<recipient}", recipient},
    {smtpd, "validrcptto RCPT TO", "qmail-smtpd[{#pid}]: validrcptto [{client}] RCPT TO: {address}", none},
    {smtpd, "validrcptto trying", "qmail-smtpd[{#pid}]: validrcptto [{client}] trying: {address}", none},
    {smtpd, "validrcptto found", "qmail-smtpd[{#pid}]: validrcptto [{client}] found: {address}", none},
    {smtpd, "validrcptto reject", "qmail-smtpd[{#pid}]: validrcptto [{client}] reject: {address}", unknown_recipient},
    {smtpd, "AUTH successful", "qmail-smtpd[{#pid}]: AUTH successful [{client}] {user}", logged_in},
    {smtpd, "AUTH failed", "qmail-smtpd[{#pid}]: AUTH failed [{client}] {user}", not_logged_in},
    {smtpd, "before greeting", "qmail-smtpd[{#pid}]: before greeting: [{client}] client {what}", early},
    {smtpd, "qmail-smtpd", "qmail-smtpd[{#pid}]: {text}", none},
    {Dialect::transcript, ">", "{#pid} > {text}", none},
    {Dialect::transcript, "<", "{#pid} < {text}", none},
    {Dialect::transcript, ">", "{#pid} >", none},
    {Dialect::transcript, "<", "{#pid} <", none},
}};
// clang-format on

std::string_view plain(std::string_view address) {
    if (address.starts_with('<') && address.ends_with('>'))
        return address.substr(1, address.size() - 2);
    return address;
}

}  // namespace

std::string uncleaned(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '_' || c == '/' ? ' ' : c;
    return std::string(trim(out));
}

bool read_qmail(std::string_view body, Record& record) {
    for (const Form& form : forms) {
        record.fields.clear();
        if (form.form.front() != '{' && !body.starts_with(form.form.substr(0, 4))) continue;
        if (!match_template(form.form, body, false, record.fields)) continue;
        record.dialect = form.dialect;
        record.entry = form.entry;
        form.make(record);
        for (Event& event : record.events) {
            event.sender = std::string(plain(event.sender));
            event.recipient = std::string(plain(event.recipient));
            event.original_recipient = std::string(plain(event.original_recipient));
        }
        return true;
    }
    record.fields.clear();
    return false;
}

std::optional<std::string> qmail_text(
    Dialect dialect, std::string_view entry, const std::vector<NamedValue>& fields
) {
    for (const Form& form : forms) {
        if (form.dialect == dialect && form.entry == entry && has_captures(form.form, fields))
            return fill_template(form.form, fields);
    }
    return std::nullopt;
}

std::string write_qmail(const Record& record) {
    for (const Form& form : forms) {
        if (form.dialect != record.dialect || form.entry != record.entry) continue;
        std::string line = fill_template(form.form, record.fields);
        if (line == record.body) return line;
    }
    return std::string(record.body);
}

}  // namespace sluice::tracking
