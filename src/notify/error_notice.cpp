#include "notify/error_notice.h"

#include <algorithm>

#include "message/date.h"
#include "message/header_field.h"
#include "notify/content.h"
#include "notify/plain_notice.h"
#include "notify/texts.h"

namespace sluice::notify {

namespace {

// A rule of 60 hyphens or more is how readers of such mail find the header below it.
constexpr std::size_t rule_length = 70;
constexpr std::size_t longest_header_shown = 32000;

std::string about_queue(const ErrorNotice& error) {
    std::string out =
        error.is_held ? "It is held until you decide about it (imsimta qm held).\n" : "";
    if (!error.queue_file.empty()) out += "Queue file: " + clean_text(error.queue_file) + '\n';
    return out;
}

std::string history_of(const Notice& about, const NoticeSettings& settings, const TimeZone& zone) {
    if (about.history.empty()) return {};
    std::string out = "What has been tried:\n";
    const std::size_t count = std::min(settings.history_to_return, about.history.size());
    for (std::size_t i = about.history.size() - count; i < about.history.size(); ++i) {
        const HistoryEntry& entry = about.history[i];
        out += "  " + wrapped_line(message::format_date(entry.time, zone), clean_text(entry.text));
    }
    return out + '\n';
}

// The order of the lines is part of the format.
std::string body_of(
    const ErrorNotice& error,
    const Notice& about,
    const NoticeSettings& settings,
    const TimeZone& zone,
    std::string_view header
) {
    const OriginalMessage& original = about.original;
    std::string out = "The mail system at " + clean_text(settings.reporting_mta, 255) +
                      " reports an error: " + clean_text(error.condition) + ".\n";
    out += wrapped_line("", clean_text(error.sentence));
    for (const std::string& address : error.addresses)
        out += "SMTP <" + clean_text(address, 900) + ">\n";
    out += '\n' + about_queue(error);
    out += "Reporting-MTA: dns;" + clean_text(settings.reporting_mta, 255) + "\n";
    if (error.unsent > 0) {
        out += "Notifications kept back before this one, by the limit per hour: " +
               std::to_string(error.unsent) + '\n';
    }
    out += '\n' + history_of(about, settings, zone);
    out += "The original envelope:\n";
    out += "User-From: SMTP<" + clean_text(original.sender, 900) + ">\n";
    for (const std::string& address : error.addresses)
        out += "Recipient: [<" + clean_text(address, 900) + ">]\n";
    out += std::string(rule_length, '-') + '\n';
    out += "Submitted: " + message::format_date(original.arrival, zone);
    if (!original.received_from.empty()) out += " by " + clean_text(original.received_from, 255);
    out += "\n\nThe original header:\n\n";
    std::string shown;
    for (const message::HeaderField& field : message::split_header(header)) {
        if (shown.size() > longest_header_shown) break;
        shown += wrapped_line(
            std::string(field.name) + ':', clean_text(message::unfold(field.raw_value))
        );
    }
    return out + shown;
}

}  // namespace

Result<BuiltNotice> build_error_notice(
    const ErrorNotice& error,
    const Notice& about,
    const NoticeSettings& settings,
    const TimeZone& zone,
    const OutputSink& sink
) {
    const auto facts = inspect_content(about.original.content, Returned::headers, 0, {});
    if (!facts) return facts.error();
    PlainNotice plain;
    plain.to = about.to;
    plain.subject = "Notification: " + clean_text(error.condition, 100);
    plain.text = body_of(error, about, settings, zone, facts->header);
    plain.message_id = about.message_id;
    plain.about = about.original.message_id;
    plain.now = about.now;
    return build_plain_notice(plain, settings, zone, sink);
}

}  // namespace sluice::notify
