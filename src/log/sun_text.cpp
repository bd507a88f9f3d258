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

void add_time(std::string& out, WallTime time, const TimeZone& zone) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const CivilTime local = civil_time(time, zone);
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
}

// One line in the making, behind what there is already. Fields are separated by exactly one blank;
// an empty field in the middle shows as two blanks.
class Line {
public:
    Line(std::string& out, const LogOptions& options)
        : options_(options), out_(out), start_(out.size()) {}

    void time(WallTime value, const TimeZone& zone) { add_time(out_, value, zone); }
    void plain(std::string_view value) {
        out_ += ' ';
        out_ += value;
    }
    void padded_word(std::string_view value) {
        out_ += ' ';
        const std::size_t begin = out_.size();
        add_word(out_, value, max_host);
        const std::size_t columns = out_.size() - begin;
        if (columns < channel_columns) out_.append(channel_columns - columns, ' ');
    }
    void number(std::int64_t value) { plain(std::to_string(value)); }
    /// A field of variable length that `add` appends to the text it is given; format 3 says how
    /// long it is.
    template <class Add>
    void counted_by(Add add) {
        out_ += ' ';
        const std::size_t begin = out_.size();
        add(out_);
        constexpr int counted_text = 3;
        if (options_.format == counted_text)
            out_.insert(begin, std::to_string(out_.size() - begin) + ':');
    }
    void counted(std::string_view value) {
        counted_by([&](std::string& out) { out += value; });
    }
    void word(std::string_view value, std::size_t limit) {
        counted_by([&](std::string& out) { add_word(out, value, limit); });
    }
    void text(std::string_view value, std::size_t limit) {
        counted_by([&](std::string& out) { add_text(out, value, limit); });
    }
    void finish() {
        while (out_.size() > start_ && out_.back() == ' ') out_.pop_back();
        if (out_.size() - start_ <= max_line) return;
        limits::hit(limits::Limit::log_line, "an entry was too long and was cut");
        cut_line(out_, start_, max_line);
    }

private:
    const LogOptions& options_;
    std::string& out_;
    std::size_t start_;
};

class Renderer {
public:
    Renderer(std::string& out, const Event& event, const LogOptions& options)
        : event_(event), options_(options), line_(out, options) {}

    void run(const TimeZone& zone) {
        line_.time(event_.time, zone);
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
        line_.finish();
    }

private:
    [[nodiscard]] bool connection_has(unsigned bits) const {
        return (options_.connection & bits) == bits;
    }
    void append_address(std::string& out, std::string_view raw) const {
        add_address(out, raw, event_.modifiers.smtputf8);
        const bool bare = !raw.empty() && raw != "*" && raw.find('@') == std::string_view::npos;
        if (options_.local && bare && !options_.local_host.empty()) {
            out += '@';
            out += options_.local_host;
        }
    }
    void append_path(std::string& out, std::string_view raw) const {
        if (raw.empty() && options_.format == 2) {
            out += "<>";
        } else {
            append_address(out, raw);
        }
    }
    void address(std::string_view raw) {
        line_.counted_by([&](std::string& out) { append_address(out, raw); });
    }
    void path(std::string_view raw) {
        line_.counted_by([&](std::string& out) { append_path(out, raw); });
    }

    void add_envelope() {
        line_.padded_word(event_.source_channel);
        const bool has_destination = event_.kind == EventKind::enqueued;
        line_.padded_word(has_destination ? std::string_view(event_.destination_channel) : "");
        line_.plain(entry_code(event_, options_.modifiers));
        line_.plain(std::to_string(entry_blocks(event_, options_.block_size)));
        path(event_.sender);
        line_.counted_by([&](std::string& out) {
            add_word(out, event_.original_recipient_type, max_host);
            out += ';';
            append_path(out, event_.original_recipient);
        });
        if (event_.kind == EventKind::bad_command) {
            line_.counted(sanitise_command(event_.command));
        } else {
            path(event_.recipient);
        }
    }

    void add_optional_fields() {
        if (options_.notary) line_.number(event_.notary_flags);
        if (options_.filename) line_.word(event_.file_name, max_address);
        if (options_.envelope_id) line_.word(event_.envelope_id, max_host);
        if (options_.message_id) add_message_ids();
        if (options_.username) line_.word(event_.username, max_host);
        if (connection_has(connection_bit::information))
            line_.counted(entry_connection(event_, options_));
        if (options_.sensitivity) line_.number(event_.sensitivity);
        if (options_.priority) line_.number(event_.priority);
        if ((options_.intermediate & 1U) != 0) {
            address(event_.intermediate_recipient);
            address(event_.initial_recipient);
        }
        if (options_.filter) line_.text(event_.filter, max_diagnostic);
        if (has_reason(event_, options_)) line_.text(event_.reason, max_diagnostic);
        add_outcome();
    }

    void add_outcome() {
        if ((options_.diagnostics & 1U) != 0) line_.text(event_.diagnostic, max_diagnostic);
        if ((options_.remote_mta & 1U) != 0) line_.word(event_.remote_host, max_host);
        if (connection_has(connection_bit::transport)) add_transport();
        if (connection_has(connection_bit::application)) add_application();
        if (options_.queue_time) line_.number(event_.queue_time.count());
        add_measures();
    }

    void add_measures() {
        if (options_.session) line_.plain(entry_session(event_));
        if (options_.timing) line_.plain(entry_timing(event_));
    }

    void add_connection_entry() {
        line_.padded_word(event_.source_channel);
        line_.padded_word(event_.direction == Direction::inbound ? "+" : "-");
        line_.plain(entry_code(event_, options_.modifiers));
        add_transport();
        add_application();
        // The user is what an authentication entry is about.
        const bool is_authentication = event_.kind == EventKind::authentication;
        if (options_.message_id) line_.text(event_.message_info, max_diagnostic);
        if (options_.username || is_authentication) line_.word(event_.username, max_host);
        if ((options_.diagnostics & 1U) != 0) add_connection_diagnostic();
        add_measures();
    }

    void add_connection_diagnostic() {
        line_.counted_by([&](std::string& out) {
            add_text(out, event_.diagnostic, max_diagnostic);
            if (!has_access_text(event_, options_)) return;
            if (!event_.diagnostic.empty()) out += ' ';
            add_text(out, event_.access_text, max_diagnostic);
        });
    }

    void add_message_ids() {
        line_.counted_by([&](std::string& out) {
            add_message_id(out, event_.message_id);
            if (event_.kind != EventKind::enqueued || event_.original_message_id.empty()) return;
            out += ',';
            add_message_id(out, event_.original_message_id);
        });
    }

    void add_transport() {
        line_.counted_by([&](std::string& out) {
            if (event_.transport) log::add_transport(out, *event_.transport);
        });
    }
    void add_application() { line_.word(event_.application, max_application); }

    static constexpr std::size_t max_application = 3 * max_host;

    const Event& event_;
    const LogOptions& options_;
    Line line_;
};

}  // namespace

std::string sun_time(WallTime time, const TimeZone& zone) {
    std::string out;
    add_time(out, time, zone);
    return out;
}

void render_sun(
    std::string& out, const Event& event, const LogOptions& options, const TimeZone& zone
) {
    const bool has_entry = entry_letter(event.kind) != '\0' || event.kind == EventKind::header_line;
    if (has_entry) Renderer(out, event, options).run(zone);
}

}  // namespace sluice::log
