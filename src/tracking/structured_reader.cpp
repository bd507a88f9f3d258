#include "tracking/structured_reader.h"

#include <algorithm>
#include <array>
#include <functional>

#include "base/bytes.h"
#include "tracking/entry_text.h"
#include "tracking/sun_fields.h"

namespace sluice::tracking {

namespace {

using log::Event;
using log::LogOptions;
namespace bit = log::connection_bit;

std::uint64_t number(const std::string& text) {
    return parse_unsigned(text).value_or(0);
}
std::chrono::milliseconds duration(const std::string& text) {
    return measured_time(number(text));
}

/// One attribute: where its text goes, and which option shows it.
struct Attribute {
    std::string_view name;
    void (*apply)(const std::string& text, Event& event, LogOptions& shows);
};

void apply_source_system(const std::string& text, Event& event, LogOptions& shows) {
    shows.connection |= bit::information;
    if (has_source(event.kind)) {
        event.source = parse_source(text);
    } else {
        event.remote_host = text;
        shows.connection |= bit::sessions;
    }
}

void apply_transport(const std::string& text, Event& event, LogOptions& shows) {
    event.transport = parse_transport(text);
    shows.connection |= bit::transport;
}

// Those whose meaning does not hang on others; "ac" is applied before all of them.
constexpr std::array<Attribute, 38> attributes = {{
    {"no",
     [](const auto& text, Event& e, LogOptions& o) {
         e.node = text;
         o.node = true;
     }},
    {"pi",
     [](const auto& text, Event& e, LogOptions& o) {
         e.process = parse_process(text).value_or(log::ProcessTag());
         o.process = true;
     }},
    {"sc", [](const auto& text, Event& e, LogOptions&) { e.source_channel = text; }},
    {"dc", [](const auto& text, Event& e, LogOptions&) { e.destination_channel = text; }},
    {"dr",
     [](const auto& text, Event& e, LogOptions&) {
         e.direction = text == "-" ? log::Direction::outbound : log::Direction::inbound;
     }},
    {"so", [](const auto& text, Event& e, LogOptions&) { e.sender = text; }},
    {"od", [](const auto& text, Event& e, LogOptions&) { apply_original_recipient(text, e); }},
    {"de",
     [](const auto& text, Event& e, LogOptions&) {
         (e.kind == log::EventKind::bad_command ? e.command : e.recipient) = text;
     }},
    {"rf",
     [](const auto& text, Event& e, LogOptions& o) {
         e.notary_flags = static_cast<unsigned>(number(text));
         o.notary = true;
     }},
    {"fi",
     [](const auto& text, Event& e, LogOptions& o) {
         e.file_name = text;
         o.filename = true;
     }},
    {"ei",
     [](const auto& text, Event& e, LogOptions& o) {
         e.envelope_id = text;
         o.envelope_id = true;
     }},
    {"mi",
     [](const auto& text, Event& e, LogOptions& o) {
         if (log::is_connection_entry(e.kind))
             e.message_info = text;
         else
             apply_message_ids(text, e);
         o.message_id = true;
     }},
    {"us",
     [](const auto& text, Event& e, LogOptions& o) {
         e.username = text;
         o.username = true;
     }},
    {"ss", apply_source_system},
    {"se",
     [](const auto& text, Event& e, LogOptions& o) {
         e.sensitivity = static_cast<int>(number(text) % 100);
         o.sensitivity = true;
     }},
    {"pr",
     [](const auto& text, Event& e, LogOptions& o) {
         e.priority = static_cast<int>(number(text) % 1000);
         o.priority = true;
     }},
    {"in",
     [](const auto& text, Event& e, LogOptions& o) {
         e.intermediate_recipient = text;
         o.intermediate = 1;
     }},
    {"ia",
     [](const auto& text, Event& e, LogOptions& o) {
         e.initial_recipient = text;
         o.intermediate = 1;
     }},
    {"fl",
     [](const auto& text, Event& e, LogOptions& o) {
         e.filter = text;
         o.filter = true;
     }},
    {"re",
     [](const auto& text, Event& e, LogOptions& o) {
         e.reason = text;
         o.reason = 1;
     }},
    {"di",
     [](const auto& text, Event& e, LogOptions& o) {
         e.diagnostic = text;
         o.diagnostics = 1;
     }},
    {"rm",
     [](const auto& text, Event& e, LogOptions& o) {
         e.remote_host = text;
         o.remote_mta = 1;
     }},
    {"tr", apply_transport},
    {"ap",
     [](const auto& text, Event& e, LogOptions& o) {
         e.application = text;
         o.connection |= bit::application;
     }},
    {"qt",
     [](const auto& text, Event& e, LogOptions& o) {
         e.queue_time = std::chrono::seconds(number(text));
         o.queue_time = true;
     }},
    {"va", [](const auto& text, Event& e, LogOptions&) { e.header_line = text; }},
    {"by", [](const auto& text, Event& e, LogOptions&) { e.bytes = number(text); }},
    {"sn", [](const auto& text, Event& e, LogOptions&) { e.session = number(text); }},
    {"sm", [](const auto& text, Event& e, LogOptions&) { e.session_messages = number(text); }},
    {"sb", [](const auto& text, Event& e, LogOptions&) { e.session_bytes = number(text); }},
    {"es", [](const auto& text, Event& e, LogOptions&) { e.status = parse_status_code(text); }},
    {"rt", [](const auto& text, Event& e, LogOptions&) { e.remote_text = text; }},
    {"rh", [](const auto& text, Event& e, LogOptions&) { e.remote_host = text; }},
    {"at", [](const auto& text,
              Event& e,
              LogOptions&) { e.attempt = static_cast<unsigned>(number(text)); }},
    {"dt", [](const auto& text, Event& e, LogOptions&) { e.delivery_time = duration(text); }},
    {"tt", [](const auto& text, Event& e, LogOptions&) { e.transaction_time = duration(text); }},
    {"st", [](const auto& text, Event& e, LogOptions&) { e.session_time = duration(text); }},
    {"dn", [](const auto& text, Event& e, LogOptions&) { e.delivery_number = number(text); }},
}};

const Attribute* find_attribute(std::string_view name) {
    for (const Attribute& attribute : attributes) {
        if (attribute.name == name) return &attribute;
    }
    return nullptr;
}

const std::string* value_of(const Element& element, std::string_view name) {
    for (const auto& [known, text] : element.attributes) {
        if (known == name) return &text;
    }
    return nullptr;
}

// JSON says the octets themselves.
void apply_blocks(const Element& element, std::uint64_t block_size, Event& event) {
    const std::string* text = value_of(element, "sz");
    if (text == nullptr || event.bytes > 0) return;
    const std::uint64_t blocks = number(*text);
    if (blocks <= UINT64_MAX / block_size) event.bytes = blocks * block_size;
}

// What an XML entry has of LOG_SESSION and LOG_TIMING; a JSON record has it whatever they say.
void note_measures(const Event& event, LogOptions& shows) {
    shows.session = event.session > 0 || event.session_messages > 0 || event.session_bytes > 0;
    shows.timing = event.delivery_time.count() > 0 || event.transaction_time.count() > 0 ||
                   event.session_time.count() > 0;
}

// A view into the line: codes are never escaped.
std::string_view find_in_line(std::string_view line, std::string_view text) {
    const std::size_t at = line.find('"' + std::string(text) + '"');
    return at == std::string_view::npos ? std::string_view() : line.substr(at + 1, text.size());
}

bool apply_kind(const Element& element, std::string_view body, Event& event, Record& record) {
    if (element.name == "he") {
        event.kind = log::EventKind::header_line;
        record.entry = "header";
        return true;
    }
    const std::string* code = value_of(element, "ac");
    const bool is_connection = element.name == "co";
    const bool is_entry = is_connection || element.name == "en";
    if (!is_entry || code == nullptr ||
        !is_code(*code, is_connection ? connection_letters : message_letters))
        return false;
    apply_code(*code, is_connection, event);
    record.entry = find_in_line(body, *code);
    return true;
}

}  // namespace

bool read_structured(
    std::string_view body, const StampSettings& settings, std::uint64_t block_size, Record& record
) {
    Element element;
    const bool xml = body.starts_with('<');
    if (!(xml ? parse_xml_line(body, element) : parse_json_line(body, element))) return false;
    Event event;
    event.original_recipient_type.clear();
    if (!apply_kind(element, body, event, record)) return false;
    LogOptions shows;
    shows.diagnostics = 0;
    shows.format = xml ? 4 : 5;
    shows.modifiers = true;  // the code says itself which ones it has
    shows.block_size = std::max<std::uint64_t>(1, block_size);
    if (element.name == "co") shows.connection = bit::sessions | bit::etrn | bit::authentication;
    for (const auto& [name, text] : element.attributes) {
        if (const Attribute* known = find_attribute(name)) known->apply(text, event, shows);
    }
    if (const std::string* time = value_of(element, "ts")) {
        std::string_view rest = *time;
        if (auto stamp = take_stamp(rest, settings); stamp && rest.empty()) {
            stamp->text = find_in_line(body, *time);
            record.stamp = *stamp;
        }
    }
    apply_blocks(element, shows.block_size, event);
    if (xml) {
        apply_status(event);  // a JSON record has a member for it
        note_measures(event, shows);
    }
    record.shows = shows;
    record.dialect = xml ? Dialect::xml : Dialect::json;
    record.events.push_back(std::move(event));
    return true;
}

}  // namespace sluice::tracking
