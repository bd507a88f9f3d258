#include "tracking/foreign_json.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "postoffice_log/text.h"
#include "tracking/postoffice_reader.h"
#include "tracking/qmail_reader.h"
#include "tracking/structured_reader.h"

namespace sluice::tracking {

namespace {

Dialect dialect_of(std::string_view element) {
    if (element == "po") return Dialect::postoffice;
    if (element == "qs") return Dialect::qmail_send;
    if (element == "qd") return Dialect::qmail_smtpd;
    return element == "rc" ? Dialect::transcript : Dialect::unknown;
}

struct Parts {
    std::string_view stamp;
    std::string_view syslog_prefix;
    std::string_view entry;
    std::vector<NamedValue> fields;
};

Parts parts_of(const Element& element) {
    Parts parts;
    for (const auto& [name, text] : element.attributes) {
        if (name == "ts")
            parts.stamp = text;
        else if (name == "sy")
            parts.syslog_prefix = text;
        else if (name == "ev")
            parts.entry = text;
        else
            parts.fields.push_back({name, text});
    }
    return parts;
}

std::string postoffice_stamp(std::string_view text, const StampSettings& settings) {
    const std::string marked = std::string(text) + ':';
    std::string_view own = marked;
    const auto stamp = take_stamp(own, settings);
    if (stamp && stamp->form == Stamp::Form::postoffice) return marked;
    std::string_view other = text;
    const auto converted = take_stamp(other, settings);
    if (!converted || !converted->time) return marked;
    return postoffice_log::date_time(*converted->time, settings.zone) + ':';
}

// Where syslog's own stamp is all there is it stands in the prefix.
std::string qmail_front(const Parts& parts) {
    std::string front;
    if (!parts.syslog_prefix.empty()) front.append(parts.syslog_prefix).append(" ");
    const bool is_there = !front.empty() && parts.syslog_prefix.starts_with(parts.stamp);
    if (!parts.stamp.empty() && !is_there) front.append(parts.stamp).append(" ");
    return front;
}

}  // namespace

std::optional<std::string> line_of_foreign_json(
    std::string_view text, const StampSettings& settings
) {
    Element element;
    if (!parse_json_line(text, element)) return std::nullopt;
    const Dialect dialect = dialect_of(element.name);
    if (dialect == Dialect::unknown) return std::nullopt;
    const Parts parts = parts_of(element);
    const bool postoffice = dialect == Dialect::postoffice;
    auto body = postoffice ? postoffice_text(parts.entry, parts.fields)
                           : qmail_text(dialect, parts.entry, parts.fields);
    if (!body) return std::nullopt;
    std::string line;
    if (!postoffice)
        line = qmail_front(parts) + *body;
    else if (parts.stamp.empty())
        line = *body;
    else
        line = postoffice_stamp(parts.stamp, settings) + *body;
    // An object of somebody else's must not become two lines.
    const bool is_line =
        std::none_of(line.begin(), line.end(), [](char c) { return is_control(c) && c != '\t'; });
    return is_line ? std::optional(std::move(line)) : std::nullopt;
}

}  // namespace sluice::tracking
