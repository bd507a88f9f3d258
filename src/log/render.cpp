#include "log/render.h"

#include "log/structured_text.h"
#include "log/sun_text.h"

namespace sluice::log {

bool is_wanted(EventKind kind, const LogOptions& options) {
    const auto has = [&](unsigned bit) { return (options.connection & bit) != 0; };
    switch (kind) {
        case EventKind::header_line:
            return true;  // there are none but those that somebody asked for
        case EventKind::held:
            return options.hold;
        case EventKind::sender_accepted:
            return options.mail_commands;
        case EventKind::recipient_accepted:
            return options.recipient_commands;
        case EventKind::etrn:
            return has(connection_bit::etrn);
        case EventKind::authentication:
            return has(connection_bit::authentication);
        default:
            if (is_connection_entry(kind)) return has(connection_bit::sessions);
            return entry_letter(kind) != '\0';
    }
}

std::int64_t syslog_option(EventKind kind, const LogOptions& options) {
    return is_connection_entry(kind) ? options.connections_syslog : options.messages_syslog;
}

void render(std::string& out, const Event& event, const LogOptions& options, const TimeZone& zone) {
    if (!is_wanted(event.kind, options)) return;
    constexpr int xml = 4;
    if (options.format < xml) {
        render_sun(out, event, options, zone);
    } else if (options.format == xml) {
        out += render_xml(event, options, zone);
    } else {
        out += render_json(event, options, zone);
    }
    out += '\n';
}

}  // namespace sluice::log
