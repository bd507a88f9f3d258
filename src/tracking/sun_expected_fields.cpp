// The optional fields of a text entry, as the options say.
#include <algorithm>

#include "base/bytes.h"
#include "tracking/entry_text.h"
#include "tracking/sun_fields.h"

namespace sluice::tracking {

namespace {

using log::EventKind;
namespace bit = log::connection_bit;

bool may_have_reason(EventKind kind) {
    return kind == EventKind::returned || kind == EventKind::discarded;
}

// What stands at the end of the line, from the right; the fields in the middle stay in `fields`.
void read_tail(SunFields& fields, const log::LogOptions& options, log::Event& event) {
    if (options.queue_time) {
        const std::string_view word = fields.last_word();
        if (const auto seconds = parse_unsigned(word)) {
            event.queue_time = std::chrono::seconds(*seconds);
            fields.drop_last_word(word);
        }
    }
    if ((options.connection & bit::application) != 0 && is_application(fields.last_word())) {
        event.application = fields.last_word();
        fields.drop_last_word(fields.last_word());
    }
    if ((options.connection & bit::transport) != 0) {
        const std::string_view word = fields.last_word();
        if (const auto transport = parse_transport(word)) {
            event.transport = transport;
            fields.drop_last_word(word);
        }
    }
    if ((options.remote_mta & 1U) != 0 && is_host_name(fields.last_word())) {
        event.remote_host = fields.last_word();
        fields.drop_last_word(fields.last_word());
    }
}

void read_middle(SunFields& fields, const log::LogOptions& options, log::Event& event) {
    const bool more = (options.diagnostics & 1U) != 0;
    const bool reason = (options.reason & 1U) != 0 && may_have_reason(event.kind);
    if (options.filter)
        event.filter = more || reason ? text_before_diagnostic(fields) : fields.text();
    if (reason) event.reason = more ? text_before_diagnostic(fields) : fields.text();
    if (more) event.diagnostic = fields.text();
}

void read_counted_tail(SunFields& fields, const log::LogOptions& options, log::Event& event) {
    read_middle(fields, options, event);
    if ((options.remote_mta & 1U) != 0) event.remote_host = fields.text();
    if ((options.connection & bit::transport) != 0)
        event.transport = parse_transport(fields.text());
    if ((options.connection & bit::application) != 0) event.application = fields.text();
    if (options.queue_time) event.queue_time = std::chrono::seconds(field_number(fields.number()));
}

void read_source(SunFields& fields, log::Event& event) {
    if (has_source(event.kind)) {
        event.source = parse_source(fields.source());
    } else {
        event.remote_host = fields.word();
    }
}

bool read_number(SunFields& fields, bool wanted, unsigned& value) {
    if (!wanted) return true;
    const std::string_view digits = fields.number();
    value = static_cast<unsigned>(field_number(digits));
    return !digits.empty();
}

}  // namespace

bool read_expected_fields(
    SunFields& fields, const log::LogOptions& options, log::Event& event, log::LogOptions& shows
) {
    if (fields.is_counted() != (options.format == 3)) return false;
    if (!read_number(fields, options.notary, event.notary_flags)) return false;
    if (options.filename) {
        event.file_name = fields.word();
        if (!event.file_name.empty() && !is_queue_file(event.file_name)) return false;
    }
    if (options.envelope_id) event.envelope_id = fields.word();
    if (options.message_id) {
        const std::string_view ids = fields.word();
        if (!ids.empty() && !ids.starts_with('<')) return false;
        apply_message_ids(ids, event);
    }
    if (options.username) event.username = fields.word();
    if ((options.connection & bit::information) != 0) read_source(fields, event);
    unsigned sensitivity = 0;
    unsigned priority = 0;
    if (!read_number(fields, options.sensitivity, sensitivity) ||
        !read_number(fields, options.priority, priority))
        return false;
    event.sensitivity = static_cast<int>(sensitivity);
    event.priority = static_cast<int>(priority);
    if ((options.intermediate & 1U) != 0) {
        event.intermediate_recipient = fields.address();
        event.initial_recipient = fields.address();
    }
    if (fields.is_counted()) {
        read_counted_tail(fields, options, event);
    } else {
        read_tail(fields, options, event);
        read_middle(fields, options, event);
    }
    if (!fields.at_end()) return false;
    const int format = std::max(shows.format, options.format);
    const log::LogOptions head = shows;
    shows = options;
    shows.format = options.format == 1 ? format : options.format;
    shows.node = head.node;
    shows.process = head.process;
    return true;
}

void read_connection_fields(
    SunFields& fields, const log::LogOptions* expected, log::Event& event, log::LogOptions& shows
) {
    if (fields.is_counted() || fields.rest().starts_with("TCP|") || fields.rest().starts_with(' '))
        event.transport = parse_transport(fields.word());
    event.application = fields.word();
    const bool is_authentication = event.kind == EventKind::authentication;
    const bool knows = expected != nullptr;
    if (fields.is_counted()) {
        shows.message_id = knows && expected->message_id;
        if (shows.message_id) event.message_info = fields.text();
        shows.username = is_authentication || (knows && expected->username);
        if (shows.username) event.username = fields.word();
        event.diagnostic = fields.text();
        return;
    }
    if (knows && expected->message_id) {
        shows.message_id = true;
        event.message_info = text_before_diagnostic(fields);
        if (is_authentication && !event.message_info.empty()) {
            // The user stands between the two texts and is the last word of the first.
            const std::size_t blank = event.message_info.rfind(' ');
            event.username = event.message_info.substr(blank == std::string::npos ? 0 : blank + 1);
            event.message_info.resize(blank == std::string::npos ? 0 : blank);
            event.diagnostic = fields.text();
            return;
        }
    }
    if (is_authentication || (knows && expected->username)) {
        shows.username = true;
        if (!begins_diagnostic(fields.rest())) event.username = fields.word();
    }
    event.diagnostic = trim(fields.text());
}

}  // namespace sluice::tracking
