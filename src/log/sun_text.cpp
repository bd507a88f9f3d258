#include "log/sun_text.h"

#include <array>
#include <string_view>

#include "base/bytes.h"
#include "base/limit_hits.h"
#include "log/diagnostic.h"
#include "log/entry_parts.h"
#include "log/sanitise.h"

namespace sluice::log {

namespace {

constexpr std::size_t channel_columns = 12;

void add_two_digits(std::string& out, unsigned value) {
    out += static_cast<char>('0' + value / 10 % 10);
    out += static_cast<char>('0' + value % 10);
}

// One line in the making. Fields are separated by exactly one blank; an empty field in the middle
// shows as two blanks.
class Line {
public:
    Line(const LogOptions& options, std::string start)
        : options_(options), out_(std::move(start)) {}

    void plain(std::string_view value) {
        out_ += ' ';
        out_ += value;
    }
    void padded(std::string_view value) {
        plain(value);
        if (value.size() < channel_columns) out_.append(channel_columns - value.size(), ' ');
    }
    void number(std::uint64_t value) { plain(std::to_string(value)); }
    /// A field of variable length; format 3 says how long it is.
    void counted(std::string_view value) {
        out_ += ' ';
        if (options_.format == 3) out_ += std::to_string(value.size()) + ':';
        out_ += value;
    }
    std::string finish() {
        while (!out_.empty() && out_.back() == ' ') out_.pop_back();
        if (out_.size() > max_line) {
            limits::hit(limits::Limit::log_line, "an entry was too long and was cut");
            cut_line(out_, max_line);
        }
        return std::move(out_);
    }

private:
    const LogOptions& options_;
    std::string out_;
};

class Renderer {
public:
    Renderer(const Event& event, const LogOptions& options, const TimeZone& zone)
        : event_(event), options_(options), line_(options, sun_time(event.time, zone)) {}

    std::string run() {
        if (options_.node) line_.plain(sanitise_word(event_.node, max_host));
        if (options_.process) line_.plain(entry_process(event_.process));
        if (event_.kind == EventKind::header_line) {
            line_.plain(sanitise_text(event_.header_line, max_header_value));
        } else if (is_connection_entry(event_.kind)) {
            add_connection_entry();
        } else {
            add_envelope();
            add_optional_fields();
        }
        return line_.finish();
    }

private:
    [[nodiscard]] bool connection_has(unsigned bits) const {
        return (options_.connection & bits) == bits;
    }
    [[nodiscard]] std::string address(std::string_view raw) const {
        std::string out = sanitise_address(raw, event_.modifiers.smtputf8);
        const bool bare = !raw.empty() && raw != "*" && raw.find('@') == std::string_view::npos;
        if (options_.local && bare && !options_.local_host.empty())
            out += '@' + options_.local_host;
        return out;
    }
    [[nodiscard]] std::string address_field(std::string_view raw) const {
        return raw.empty() && options_.format == 2 ? "<>" : address(raw);
    }

    void add_envelope() {
        line_.padded(sanitise_word(event_.source_channel, max_host));
        const bool has_destination = event_.kind == EventKind::enqueued;
        line_.padded(has_destination ? sanitise_word(event_.destination_channel, max_host) : "");
        line_.plain(entry_code(event_, options_.modifiers));
        line_.number(entry_blocks(event_, options_.block_size));
        line_.counted(address_field(event_.sender));
        line_.counted(
            sanitise_word(event_.original_recipient_type, max_host) + ';' +
            address_field(event_.original_recipient)
        );
        const bool is_command = event_.kind == EventKind::bad_command;
        line_.counted(
            is_command ? sanitise_command(event_.command) : address_field(event_.recipient)
        );
    }

    void add_optional_fields() {
        if (options_.notary) line_.number(event_.notary_flags);
        if (options_.filename) line_.counted(sanitise_word(event_.file_name, max_address));
        if (options_.envelope_id) line_.counted(sanitise_word(event_.envelope_id, max_host));
        if (options_.message_id) line_.counted(message_ids());
        if (options_.username) line_.counted(sanitise_word(event_.username, max_host));
        if (connection_has(connection_bit::information))
            line_.counted(entry_connection(event_, options_));
        if (options_.sensitivity) line_.plain(std::to_string(event_.sensitivity));
        if (options_.priority) line_.plain(std::to_string(event_.priority));
        if ((options_.intermediate & 1U) != 0) {
            line_.counted(address(event_.intermediate_recipient));
            line_.counted(address(event_.initial_recipient));
        }
        if (options_.filter) line_.counted(sanitise_text(event_.filter, max_diagnostic));
        if (has_reason(event_, options_))
            line_.counted(sanitise_text(event_.reason, max_diagnostic));
        add_outcome();
    }

    void add_outcome() {
        if ((options_.diagnostics & 1U) != 0) line_.counted(diagnostic());
        if ((options_.remote_mta & 1U) != 0) {
            line_.counted(sanitise_word(event_.remote_host, max_host));
        }
        if (connection_has(connection_bit::transport)) line_.counted(transport());
        if (connection_has(connection_bit::application)) line_.counted(application());
        if (options_.queue_time) line_.plain(std::to_string(event_.queue_time.count()));
        add_measures();
    }

    void add_measures() {
        if (options_.session) line_.plain(entry_session(event_));
        if (options_.timing) line_.plain(entry_timing(event_));
    }

    void add_connection_entry() {
        line_.padded(sanitise_word(event_.source_channel, max_host));
        line_.padded(event_.direction == Direction::inbound ? "+" : "-");
        line_.plain(entry_code(event_, options_.modifiers));
        line_.counted(transport());
        line_.counted(application());
        // The user is what an authentication entry is about.
        const bool is_authentication = event_.kind == EventKind::authentication;
        if (options_.message_id) line_.counted(sanitise_text(event_.message_info, max_diagnostic));
        if (options_.username || is_authentication) {
            line_.counted(sanitise_word(event_.username, max_host));
        }
        if ((options_.diagnostics & 1U) != 0) line_.counted(connection_diagnostic());
        add_measures();
    }

    [[nodiscard]] std::string diagnostic() const {
        return sanitise_text(event_.diagnostic, max_diagnostic);
    }
    [[nodiscard]] std::string connection_diagnostic() const {
        std::string out = diagnostic();
        if (has_access_text(event_, options_)) {
            if (!out.empty()) out += ' ';
            out += sanitise_text(event_.access_text, max_diagnostic);
        }
        return out;
    }

    [[nodiscard]] std::string message_ids() const {
        std::string out = sanitise_message_id(event_.message_id);
        if (event_.kind == EventKind::enqueued && !event_.original_message_id.empty()) {
            out += ',' + sanitise_message_id(event_.original_message_id);
        }
        return out;
    }

    [[nodiscard]] std::string transport() const {
        return event_.transport ? transport_text(*event_.transport) : "";
    }
    [[nodiscard]] std::string application() const {
        return sanitise_word(event_.application, max_application);
    }

    static constexpr std::size_t max_application = 3 * max_host;

    const Event& event_;
    const LogOptions& options_;
    Line line_;
};

}  // namespace

std::string sun_time(WallTime time, const TimeZone& zone) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const CivilTime local = civil_time(time, zone);
    std::string out;
    out.reserve(24);
    add_two_digits(out, local.day);
    out += '-';
    out += months[local.month - 1];
    out += '-';
    out += std::to_string(local.year);
    out += ' ';
    add_two_digits(out, local.hour);
    out += ':';
    add_two_digits(out, local.minute);
    out += ':';
    add_two_digits(out, local.second);
    out += '.';
    add_two_digits(out, local.microsecond / 10000);
    return out;
}

std::string render_sun(const Event& event, const LogOptions& options, const TimeZone& zone) {
    const bool has_entry = entry_letter(event.kind) != '\0' || event.kind == EventKind::header_line;
    return has_entry ? Renderer(event, options, zone).run() : std::string();
}

}  // namespace sluice::log
