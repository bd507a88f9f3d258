#include "log/structured_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/utf8.h"
#include "log/diagnostic.h"
#include "log/entry_parts.h"
#include "log/sanitise.h"
#include "log/structured_escape.h"

namespace sluice::log {

namespace {

/// Octets; longer lines grow.
constexpr std::size_t usual_line = 640;

/// One attribute or member; views of the event or of what the line made.
struct Field {
    std::string_view name;
    std::string text;
    bool is_number = false;
};

// "2026-01-19T19:16:57.64": local time, no zone.
std::string structured_time(WallTime time, const TimeZone& zone) {
    const CivilTime local = civil_time(time, zone);
    std::string out;
    out.reserve(24);
    const auto add = [&](unsigned value, char mark) {
        out += static_cast<char>('0' + value / 10 % 10);
        out += static_cast<char>('0' + value % 10);
        if (mark != '\0') out += mark;
    };
    const auto year = static_cast<unsigned>(local.year);
    add(year / 100, '\0');
    add(year % 100, '-');
    add(local.month, '-');
    add(local.day, 'T');
    add(local.hour, ':');
    add(local.minute, ':');
    add(local.second, '.');
    add(local.microsecond / 10000, '\0');
    return out;
}

/// Cut in front of a character that does not fit; a line end within is a blank.
std::string cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit && text.find('\r') == std::string_view::npos) return std::string(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const bool line_end = text.substr(at, 2) == "\r\n";
        const std::size_t size =
            line_end ? 2 : std::max<std::size_t>(1, utf8_sequence_length(text.substr(at)));
        const std::size_t written = line_end ? 1 : size;
        if (out.size() + written > limit) return out + "...";
        out += line_end ? std::string_view(" ") : text.substr(at, size);
        at += size;
    }
    return out;
}

/// The fields of one entry, in the order of logging.md section 5.1. `share`: texts are cut at
/// their limits divided by it.
class Entry {
public:
    /// `is_record`: everything that is known follows with more_fields(), whatever the options say.
    Entry(const Event& event, const LogOptions& options, std::size_t share, bool is_record)
        : event_(event), options_(options), share_(share), is_record_(is_record) {}

    [[nodiscard]] std::string_view element() const {
        if (event_.kind == EventKind::header_line) return "he";
        return is_connection_entry(event_.kind) ? "co" : "en";
    }

    std::vector<Field> fields(const TimeZone& zone) {
        constexpr std::size_t most_have_fewer = 32;
        fields_.reserve(most_have_fewer);
        add("ts", structured_time(event_.time, zone));
        if (options_.node) text("no", event_.node, max_host);
        if (options_.process) add("pi", entry_process(event_.process));
        if (event_.kind == EventKind::header_line) {
            text("va", event_.header_line, max_header_value);
        } else if (is_connection_entry(event_.kind)) {
            add_connection_entry();
        } else {
            add_envelope();
            add_optional_fields();
        }
        return std::move(fields_);
    }
    /// What only a record has (postoffice-and-qmail-features.md section 1).
    std::vector<Field> more_fields() {
        fields_.clear();
        known("by", event_.bytes);
        if (event_.status) add("es", event_.status->to_string());
        known_text("rt", event_.remote_text, max_diagnostic);
        known_text("rh", event_.remote_host, max_host);
        known("at", event_.attempt);
        add_session();
        add_timing();
        return std::move(fields_);
    }

private:
    void add(std::string_view name, std::string value) {
        fields_.push_back({name, std::move(value)});
    }
    void number(std::string_view name, std::uint64_t value) {
        fields_.push_back({name, std::to_string(value), true});
    }
    void text(std::string_view name, std::string_view value, std::size_t limit) {
        add(name, cut(value, limit / share_));
    }
    template <class Value>
    void known(std::string_view name, Value value) {
        if (value > 0) number(name, static_cast<std::uint64_t>(value));
    }
    void add_measures() {
        if (is_record_) return;
        if (options_.session) add_session();
        if (options_.timing) add_timing();
    }
    void add_session() {
        known("sn", event_.session);
        known("sm", event_.session_messages);
        known("sb", event_.session_bytes);
    }
    void add_timing() {
        known("dt", event_.delivery_time.count());
        known("tt", event_.transaction_time.count());
        known("st", event_.session_time.count());
    }
    void known_text(std::string_view name, std::string_view value, std::size_t limit) {
        if (!value.empty()) text(name, value, limit);
    }
    [[nodiscard]] bool connection_has(unsigned bits) const {
        return (options_.connection & bits) == bits;
    }

    [[nodiscard]] std::string address(std::string_view raw) const {
        const bool bare = !raw.empty() && raw != "*" && raw.find('@') == std::string_view::npos;
        std::string out(raw);
        if (options_.local && bare && !options_.local_host.empty())
            out += '@' + options_.local_host;
        return out;
    }

    void add_envelope() {
        const bool enqueued = event_.kind == EventKind::enqueued;
        text("sc", event_.source_channel, max_host);
        text("dc", enqueued ? std::string_view(event_.destination_channel) : "", max_host);
        add("ac", entry_code(event_, options_.modifiers));
        number("sz", entry_blocks(event_, options_.block_size));
        text("so", address(event_.sender), max_address);
        text(
            "od", event_.original_recipient_type + ';' + address(event_.original_recipient),
            max_address
        );
        if (event_.kind == EventKind::bad_command) {
            add("de", sanitise_command(event_.command));  // of AUTH only the mechanism is kept
        } else {
            text("de", address(event_.recipient), max_address);
        }
    }

    void add_optional_fields() {
        if (options_.notary) number("rf", event_.notary_flags);
        if (options_.filename) text("fi", event_.file_name, max_address);
        if (options_.envelope_id) text("ei", event_.envelope_id, max_host);
        if (options_.message_id) text("mi", message_ids(), 2 * max_message_id + 1);
        if (options_.username) text("us", event_.username, max_host);
        if (connection_has(connection_bit::information))
            known_text("ss", entry_connection(event_, options_), max_diagnostic);
        if (options_.sensitivity) number("se", static_cast<std::uint64_t>(event_.sensitivity));
        if (options_.priority) number("pr", static_cast<std::uint64_t>(event_.priority));
        if ((options_.intermediate & 1U) != 0) {
            text("in", address(event_.intermediate_recipient), max_address);
            text("ia", address(event_.initial_recipient), max_address);
        }
        if (options_.filter) known_text("fl", event_.filter, max_diagnostic);
        if (has_reason(event_, options_)) known_text("re", event_.reason, max_diagnostic);
        if ((options_.diagnostics & 1U) != 0) known_text("di", event_.diagnostic, max_diagnostic);
        if ((options_.remote_mta & 1U) != 0) known_text("rm", event_.remote_host, max_host);
        if (connection_has(connection_bit::transport)) known_text("tr", transport(), max_host);
        if (connection_has(connection_bit::application))
            known_text("ap", event_.application, 3 * max_host);
        if (options_.queue_time)
            number(
                "qt",
                static_cast<std::uint64_t>(std::max<std::int64_t>(0, event_.queue_time.count()))
            );
        add_measures();
    }

    void add_connection_entry() {
        text("sc", event_.source_channel, max_host);
        add("dr", event_.direction == Direction::inbound ? "+" : "-");
        add("ac", entry_code(event_, options_.modifiers));
        // In front: readers of the family look for transport to diagnostic in one piece.
        add_measures();
        known_text("tr", transport(), max_host);
        known_text("ap", event_.application, 3 * max_host);
        const bool is_authentication = event_.kind == EventKind::authentication;
        if (options_.message_id) known_text("mi", event_.message_info, max_diagnostic);
        if (is_authentication)
            text("us", event_.username, max_host);
        else if (options_.username)
            known_text("us", event_.username, max_host);
        if ((options_.diagnostics & 1U) != 0)
            known_text("di", connection_diagnostic(), max_diagnostic);
    }

    [[nodiscard]] std::string connection_diagnostic() const {
        std::string out = event_.diagnostic;
        if (!has_access_text(event_, options_)) return out;
        if (!out.empty()) out += ' ';
        return out + event_.access_text;
    }
    [[nodiscard]] std::string message_ids() const {
        std::string out = one_id(event_.message_id);
        if (event_.kind == EventKind::enqueued && !event_.original_message_id.empty())
            out += ',' + one_id(event_.original_message_id);
        return out;
    }
    static std::string one_id(std::string_view id) {
        const std::size_t end = id.find('>');
        return cut(end == std::string_view::npos ? id : id.substr(0, end + 1), max_message_id);
    }
    [[nodiscard]] std::string transport() const {
        return event_.transport ? transport_text(*event_.transport) : "";
    }

    const Event& event_;
    const LogOptions& options_;
    std::size_t share_;
    bool is_record_;
    std::vector<Field> fields_;
};

void add_attributes(std::string& out, const std::vector<Field>& fields) {
    for (const Field& field : fields) {
        ((out += ' ') += field.name) += "=\"";
        append_xml(out, field.text);
        out += '"';
    }
}

std::string xml_line(Entry& entry, const TimeZone& zone) {
    std::string out;
    out.reserve(usual_line);
    out += '<';
    out += entry.element();
    add_attributes(out, entry.fields(zone));
    return out + "/>";
}

void add_members(std::string& out, const std::vector<Field>& fields) {
    for (const Field& field : fields) {
        ((out += ",\"") += field.name) += "\":";
        if (field.is_number) {
            out += field.text;
            continue;
        }
        out += '"';
        append_json(out, field.text);
        out += '"';
    }
}

std::string json_line(Entry& entry, const TimeZone& zone) {
    std::string out;
    out.reserve(usual_line);
    out += "{\"el\":\"";
    (out += entry.element()) += '"';
    add_members(out, entry.fields(zone));
    add_members(out, entry.more_fields());
    return out + '}';
}

/// Escapes may make a text six times as long; such a line is made again with less of each.
template <class Make>
std::string within_a_line(
    const Event& event, const LogOptions& options, bool is_record, const Make& make
) {
    const bool has_entry = entry_letter(event.kind) != '\0' || event.kind == EventKind::header_line;
    if (!has_entry) return {};
    std::string line;
    for (std::size_t share = 1; share <= 64; share *= 4) {
        Entry entry(event, options, share, is_record);
        line = make(entry);
        if (line.size() <= max_line) break;
    }
    return line;
}

}  // namespace

std::string render_xml(const Event& event, const LogOptions& options, const TimeZone& zone) {
    return within_a_line(event, options, false, [&](Entry& entry) {
        return xml_line(entry, zone);
    });
}

std::string render_json(const Event& event, const LogOptions& options, const TimeZone& zone) {
    return within_a_line(event, options, true, [&](Entry& entry) {
        return json_line(entry, zone);
    });
}

}  // namespace sluice::log
