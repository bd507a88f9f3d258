#include "notify/templates.h"

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/charset.h"

namespace sluice::notify {

std::string TemplateExpander::expand(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 1 < text.size()) {
            out += substitute(text[++i]);
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string TemplateExpander::number(unsigned value) {
    last_number_ = value;
    return std::to_string(value);
}

std::string TemplateExpander::substitute(char code) {
    const bool hours = values_.unit == QueueUnit::hours;
    switch (code) {
        case 'H':
            return values_.header;
        case 'R':
            return values_.recipients;
        case 'C':
            return number(values_.queued);
        case 'L':
            return number(values_.left);
        case 'F':
            return number(values_.total);
        case 'S':
            return last_number_ != 1 ? "S" : "";
        case 's':
            return last_number_ != 1 ? "s" : "";
        case 'U':
            return values_.unit_name.value_or(hours ? "Hour" : "Day");
        case 'u':
            return values_.unit_name.value_or(hours ? "hour" : "day");
        case '%':
            return "%";
        default:
            return std::string("%") + code;
    }
}

std::string_view template_name(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::failed:
            return "failed";
        case NoticeKind::bounced:
            return "bounced";
        case NoticeKind::timed_out:
            return "timedout";
        case NoticeKind::delayed:
            return "delayed";
        case NoticeKind::deferred:
            return "deferred";
        case NoticeKind::delivered:
            return "delivered";
        case NoticeKind::relayed:
            return "forwarded";
        case NoticeKind::expanded:
            break;
    }
    return "expanded";
}

std::optional<std::string> without_loss(std::string_view charset, std::string_view utf8) {
    if (is_ascii(utf8) || equals_ignoring_case(charset, "utf-8")) return std::string(utf8);
    if (equals_ignoring_case(charset, "us-ascii")) return std::nullopt;
    std::string octets = message::from_utf8(charset, utf8);
    if (message::to_utf8(charset, octets) != utf8) return std::nullopt;
    return octets;
}

}  // namespace sluice::notify
