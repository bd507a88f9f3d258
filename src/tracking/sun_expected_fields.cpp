// The optional fields of a text entry, as the options say.
#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/bytes.h"
#include "log/sanitise.h"
#include "tracking/entry_text.h"
#include "tracking/sun_fields.h"

namespace sluice::tracking {

namespace {

using log::EventKind;
namespace bit = log::connection_bit;

bool may_have_reason(EventKind kind) {
    return kind == EventKind::returned || kind == EventKind::discarded;
}

/// Where LOG_TIMING's number goes.
std::chrono::milliseconds& timing_of(log::Event& event) {
    if (log::is_connection_entry(event.kind)) return event.session_time;
    const bool comes_in =
        event.kind == EventKind::bad_command || event.kind == EventKind::enqueued ||
        event.kind == EventKind::enqueue_refused || event.kind == EventKind::aborted ||
        event.kind == EventKind::sender_accepted || event.kind == EventKind::recipient_accepted;
    return comes_in ? event.transaction_time : event.delivery_time;
}

bool apply_timing(std::string_view word, log::Event& event) {
    const auto count = parse_unsigned(word);
    if (count) timing_of(event) = measured_time(*count);
    return count.has_value();
}

// "17", or "17/3/40960" where a session ends.
bool apply_session(std::string_view word, log::Event& event) {
    const auto parts = split(word, '/');
    if (parts.size() != 1 && parts.size() != 3) return false;
    std::array<std::uint64_t, 3> numbers{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto number = parse_unsigned(parts[i]);
        if (!number) return false;
        numbers[i] = *number;
    }
    event.session = numbers[0];
    event.session_messages = numbers[1];
    event.session_bytes = numbers[2];
    return true;
}

// An empty field at the end of what is left shows as the blank in front of it.
bool drop_empty(SunFields& fields) {
    if (!fields.rest().empty() && !fields.rest().ends_with(' ')) return false;
    fields.drop_last_word({});
    return true;
}

// What stands at the end of the line, from the right; the fields in the middle stay in `fields`.
// False where a number is missing that every line has.
bool read_tail(SunFields& fields, const log::LogOptions& options, log::Event& event) {
    if (!read_measures_at_end(fields, options, event)) return false;
    if (options.queue_time) {
        const std::string_view word = fields.last_word();
        const auto seconds = parse_unsigned(word);
        if (!seconds) return false;
        event.queue_time = std::chrono::seconds(*seconds);
        fields.drop_last_word(word);
    }
    if ((options.connection & bit::application) != 0 && !drop_empty(fields) &&
        is_application(fields.last_word())) {
        event.application = fields.last_word();
        fields.drop_last_word(fields.last_word());
    }
    if ((options.connection & bit::transport) != 0 && !drop_empty(fields)) {
        const std::string_view word = fields.last_word();
        if (const auto transport = parse_transport(word)) {
            event.transport = transport;
            fields.drop_last_word(word);
        }
    }
    if ((options.remote_mta & 1U) != 0 && !drop_empty(fields) && is_host_name(fields.last_word())) {
        event.remote_host = fields.last_word();
        fields.drop_last_word(fields.last_word());
    }
    return true;
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
    read_counted_measures(fields, options, event);
}

// No host is called like the beginning of a diagnostic: then there is no such field.
bool read_source(SunFields& fields, log::Event& event) {
    if (!fields.is_counted() && begins_diagnostic(fields.rest())) return false;
    if (has_source(event.kind)) {
        event.source = parse_source(fields.source());
    } else {
        event.remote_host = fields.word();
    }
    return true;
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
    if ((options.connection & bit::information) != 0 && !read_source(fields, event)) return false;
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
        if (!read_tail(fields, options, event)) return false;
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

bool read_command_as_expected(
    const SunFields& fields,
    const log::LogOptions& options,
    log::Event& event,
    log::LogOptions& shows
) {
    constexpr std::size_t longest = log::max_command + 3;
    const std::string_view text = fields.rest();
    const bool has_reply = (options.diagnostics & 1U) != 0;
    std::size_t at = text.rfind(' ', longest);
    while (at != std::string_view::npos && at > 0) {
        SunFields rest = fields;
        rest.set_rest(text.substr(at + 1));
        log::Event attempt = event;
        log::LogOptions shown = shows;
        if (read_expected_fields(rest, options, attempt, shown) &&
            (!has_reply || begins_diagnostic(attempt.diagnostic))) {
            event = std::move(attempt);
            event.command = text.substr(0, at);
            shows = std::move(shown);
            return true;
        }
        at = text.rfind(' ', at - 1);
    }
    return false;
}

bool read_measures_at_end(SunFields& fields, const log::LogOptions& options, log::Event& event) {
    if (options.timing) {
        const std::string_view word = fields.last_word();
        if (!apply_timing(word, event)) return false;
        fields.drop_last_word(word);
    }
    if (options.session) {
        const std::string_view word = fields.last_word();
        if (!apply_session(word, event)) return false;
        fields.drop_last_word(word);
    }
    return true;
}

void read_counted_measures(SunFields& fields, const log::LogOptions& options, log::Event& event) {
    if (options.session) (void)apply_session(fields.word(), event);
    if (options.timing) (void)apply_timing(fields.word(), event);
}

void read_connection_fields(
    SunFields& fields, const log::LogOptions* expected, log::Event& event, log::LogOptions& shows
) {
    if (fields.is_counted() || fields.rest().starts_with("TCP|") || fields.rest().starts_with(' '))
        event.transport = parse_transport(fields.word());
    event.application = fields.word();
    const bool is_authentication = event.kind == EventKind::authentication;
    const bool knows = expected != nullptr;
    shows.session = knows && expected->session;
    shows.timing = knows && expected->timing;
    if (fields.is_counted()) {
        shows.message_id = knows && expected->message_id;
        if (shows.message_id) event.message_info = fields.text();
        shows.username = is_authentication || (knows && expected->username);
        if (shows.username) event.username = fields.word();
        if (!knows || (expected->diagnostics & 1U) != 0) event.diagnostic = fields.text();
        read_counted_measures(fields, shows, event);
        return;
    }
    // A line from before the options were switched on.
    const SunFields whole = fields;
    if (!read_measures_at_end(fields, shows, event)) {
        fields = whole;
        shows.session = shows.timing = false;
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
