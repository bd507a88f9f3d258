#include "notify/texts.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/date.h"
#include "message/header_field.h"

namespace sluice::notify {

namespace {

constexpr std::size_t text_width = 76;

struct KindText {
    std::string_view subject;
    std::string_view action;
    std::string_view middle;
};

const KindText& text_of(NoticeKind kind) {
    static constexpr KindText failed = {
        "Delivery Notification: Delivery has failed", "failed",
        "Your message could not be delivered to the recipients named below.\n"
        "It will not be tried again.\n\n%R"};
    static constexpr KindText bounced = {
        "Delivery Notification: Message returned by the postmaster", "failed",
        "The postmaster of this system is returning your message.\n"
        "It did not reach the recipients named below.\n\n%R"};
    static constexpr KindText timed_out = {
        "Delivery Notification: Delivery has timed out and failed", "failed",
        "Your message has been waiting here for %C %u%s without reaching the\n"
        "recipients named below. It is too old now and will not be tried again.\n\n%R"};
    static constexpr KindText delayed = {
        "Delivery Notification: Delivery is delayed", "delayed",
        "Your message has been waiting here for %C %u%s and has not yet reached the\n"
        "recipients named below.\n\n"
        "You need not do anything: delivery will be tried for %L more %u%s. If that\n"
        "does not help, you will be told.\n\n%R"};
    static constexpr KindText deferred = {
        "Delivery Notification: Delivery is deferred", "delayed",
        "Your message is being held back on purpose, as asked for when it was sent or\n"
        "by a rule of this system, and will be delivered later to the recipients\n"
        "named below. You need not do anything.\n\n%R"};
    static constexpr KindText delivered = {
        "Delivery Notification: Delivery was successful", "delivered",
        "As you asked to be told: your message was delivered to the recipients named\n"
        "below.\n\n%R"};
    static constexpr KindText relayed = {
        "Delivery Notification: Message was passed on", "relayed",
        "As you asked to be told: for the recipients named below your message was\n"
        "passed to another mail system, which may not report what becomes of it.\n\n%R"};
    static constexpr KindText expanded = {
        "Delivery Notification: Message was given to a list", "expanded",
        "As you asked to be told: your message was given to the members of the lists\n"
        "named below. There will be no report on single members.\n\n%R"};
    switch (kind) {
        case NoticeKind::failed:
            return failed;
        case NoticeKind::bounced:
            return bounced;
        case NoticeKind::timed_out:
            return timed_out;
        case NoticeKind::delayed:
            return delayed;
        case NoticeKind::deferred:
            return deferred;
        case NoticeKind::delivered:
            return delivered;
        case NoticeKind::relayed:
            return relayed;
        case NoticeKind::expanded:
            break;
    }
    return expanded;
}

constexpr std::string_view history_heading = "What has been tried:\n";

// Continuation lines stand under the value; a word longer than the line is left whole, within what
// mail lines may have.
std::string wrapped(std::string_view label, std::string_view value) {
    constexpr std::size_t longest_word = 900;
    std::string out = "  " + std::string(label);
    std::size_t column = out.size();
    for (std::string_view word : split_words(value)) {
        word = word.substr(0, longest_word);
        if (column + 1 + word.size() > text_width && column > 4) {
            out += "\n   ";
            column = 3;
        }
        out += ' ';
        out += word;
        column += 1 + word.size();
    }
    return out + '\n';
}

void add_line(std::string& out, std::string_view label, std::string_view value) {
    const std::string clean = clean_text(value);
    if (!clean.empty()) out += wrapped(label, clean);
}

std::string recipient_list(const Notice& notice, const NoticeSettings& settings) {
    std::string out;
    for (const NoticeRecipient& recipient : notice.recipients) {
        const bool has_original = !recipient.original_address.empty();
        const bool show_final = settings.show_final_address || !has_original;
        if (!out.empty()) out += '\n';
        if (show_final) add_line(out, "Recipient address:", recipient.final_address);
        if (has_original &&
            (!show_final || recipient.original_address != recipient.final_address)) {
            add_line(out, "Original address:", recipient.original_address);
        }
        add_line(out, "Reason:", recipient.reason);
        add_line(out, "Remote system:", recipient.remote_host);
        add_line(out, "Diagnostic code:", recipient.diagnostic);
        add_line(out, "Connection:", recipient.diagnostic_extra);
    }
    return out;
}

std::string history_text(
    const Notice& notice, const NoticeSettings& settings, const TimeZone& zone
) {
    if (!settings.delivery_history || notice.history.empty()) return {};
    const std::size_t shown = std::min(settings.history_to_return, notice.history.size());
    std::string out = '\n' + std::string(history_heading);
    for (std::size_t i = notice.history.size() - shown; i < notice.history.size(); ++i) {
        const HistoryEntry& entry = notice.history[i];
        out += wrapped(message::format_date(entry.time, zone), clean_text(entry.text));
    }
    return out;
}

std::string introduction(
    const Notice& notice, const NoticeSettings& settings, const TimeZone& zone
) {
    std::string out =
        "This is a report of the mail system at " + clean_text(settings.reporting_mta, 255) + ".\n";
    out += "It concerns the message it received from you on\n" +
           message::format_date(notice.original.arrival, zone);
    const std::string_view id = message::find_message_id(notice.original.message_id);
    if (!id.empty()) out += ", with the identifier\n" + clean_text(id, 900);
    return out + "\n\n";
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t limit) {
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() < limit;) {
        const char c = text[i];
        const std::size_t length = utf8_sequence_length(text.substr(i));
        if (length > 1) {
            out += text.substr(i, length);
        } else if (static_cast<unsigned char>(c) >= 0x80) {
            out += '?';
        } else {
            out += is_control(c) ? ' ' : c;
        }
        i += std::max<std::size_t>(length, 1);
    }
    return std::string(trim(out));
}

std::string expand_template(std::string_view text, const Substitutions& values) {
    std::string out;
    unsigned last_number = 0;
    const auto add_number = [&](unsigned number) {
        last_number = number;
        out += std::to_string(number);
    };
    const bool hours = values.unit == QueueUnit::hours;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char code = text[++i];
        switch (code) {
            case 'H':
                out += values.header;
                break;
            case 'R':
                out += values.recipients;
                break;
            case 'C':
                add_number(values.queued);
                break;
            case 'L':
                add_number(values.left);
                break;
            case 'F':
                add_number(values.total);
                break;
            case 'S':
                if (last_number != 1) out += 'S';
                break;
            case 's':
                if (last_number != 1) out += 's';
                break;
            case 'U':
                out += hours ? "Hour" : "Day";
                break;
            case 'u':
                out += hours ? "hour" : "day";
                break;
            case '%':
                out += '%';
                break;
            default:
                out += '%';
                out += code;
        }
    }
    return out;
}

std::string_view subject_text(NoticeKind kind) {
    return text_of(kind).subject;
}

std::string_view action_word(NoticeKind kind) {
    return text_of(kind).action;
}

std::string notice_text(
    const Notice& notice, const NoticeSettings& settings, const TimeZone& zone
) {
    Substitutions values;
    values.queued = notice.units_queued;
    values.left = notice.units_left;
    values.total = notice.units_total;
    values.unit = settings.unit;
    values.recipients = recipient_list(notice, settings);
    return introduction(notice, settings, zone) +
           expand_template(text_of(notice.kind).middle, values) +
           history_text(notice, settings, zone);
}

}  // namespace sluice::notify
