#include "tracking/rendering.h"

#include <array>
#include <cstdio>

#include "base/bytes.h"
#include "base/utf8.h"
#include "log/render.h"
#include "tracking/postoffice_reader.h"

namespace sluice::tracking {

namespace {

// RFC 8259 section 7; octets that no character is made of become U+FFFD.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = utf8_sequence_length(text.substr(at));
        const char c = text[at];
        if (size == 0) {
            out += "\\ufffd";
        } else if (size == 1 && (c == '"' || c == '\\')) {
            (out += '\\') += c;
        } else if (size == 1 && is_control(c)) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned char>(c));
            out += escape.data();
        } else {
            out += text.substr(at, size);
        }
        at += std::max<std::size_t>(1, size);
    }
    return out + '"';
}

// A foreign event says nothing about our options: all that it has is shown.
log::LogOptions everything(const log::Event& event) {
    log::LogOptions options;
    options.envelope_id = !event.envelope_id.empty();
    options.message_id = !event.message_id.empty();
    options.username = !event.username.empty();
    options.connection = ~0U;
    options.hold = true;
    return options;
}

}  // namespace

Rendering::Rendering(Dialect form, const TimeZone& zone, StampStyle stamps)
    : form_(form), zone_(zone), stamps_(stamps), foreign_(form, zone) {}

std::vector<std::string> Rendering::finish() {
    return foreign_.finish();
}

bool Rendering::is_same_form(Dialect dialect) const {
    if (dialect == form_) return true;
    const auto is_qmail = [](Dialect one) {
        return one == Dialect::qmail_send || one == Dialect::qmail_smtpd ||
               one == Dialect::transcript;
    };
    return is_qmail(dialect) && is_qmail(form_);
}

std::vector<std::string> Rendering::lines_of(Record record) {
    completion_.complete(record);
    if (is_same_form(record.dialect)) {
        StampSettings settings;
        settings.zone = zone_;
        if (record.stamp.time) settings.now = *record.stamp.time;
        const bool inside = is_native(record.dialect) && record.dialect != Dialect::sun;
        return {inside ? std::string(record.line) : restamped(record.line, stamps_, settings)};
    }
    if (form_ == Dialect::json && !is_native(record.dialect)) return {json_of(record)};
    if (!is_native(form_)) return foreign_.lines_of(record);
    std::vector<std::string> out;
    for (const log::Event& event : record.events) {
        log::LogOptions options = is_native(record.dialect) ? record.shows : everything(event);
        // A line that is there was wanted.
        options.hold = options.mail_commands = options.recipient_commands = true;
        options.format = form_ == Dialect::sun ? 1 : form_ == Dialect::xml ? 4 : 5;
        std::string line;
        log::render(line, event, options, zone_);
        if (line.ends_with('\n')) line.pop_back();
        if (!line.empty()) out.push_back(std::move(line));
    }
    return out;
}

// Everything that a foreign line says, under names of its own: element "po", "qs", "qd" or "rc".
std::string Rendering::json_of(const Record& record) const {
    const std::string_view element = record.dialect == Dialect::postoffice   ? "po"
                                     : record.dialect == Dialect::qmail_send ? "qs"
                                     : record.dialect == Dialect::transcript ? "rc"
                                                                             : "qd";
    std::string out = "{\"el\":\"";
    (out += element) += '"';
    const auto add = [&](std::string_view name, std::string_view value) {
        ((out += ',') += quoted(name)) += ':';
        out += quoted(value);
    };
    if (record.stamp.form != Stamp::Form::none) add("ts", show_stamp(record.stamp, stamps_, zone_));
    if (!record.syslog_prefix.empty()) add("sy", trim(record.syslog_prefix));
    add("ev", record.entry);
    for (const NamedValue& field : record.fields) add(field.name, field.value);
    return out + '}';
}

}  // namespace sluice::tracking
