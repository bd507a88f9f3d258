#include "postoffice_log/control_record.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "log/shown_recipient.h"
#include "postoffice_log/text.h"

namespace sluice::postoffice_log {

namespace {

using log::Event;
using log::EventKind;

/// What went wrong, in the words that the notices to the postmaster use.
std::string_view condition(const Event& event) {
    if (event.kind == EventKind::held) return "held";
    if (!event.status) return "undeliverable";
    const StatusCode status = *event.status;
    if (status.subject == 1) return "unknown-user";
    if (status.subject == 2 && status.detail == 2) return "quota";
    if (status.subject == 2 && status.detail == 3) return "size";
    if (status.subject == 3 && status.detail == 4) return "size";
    if (status.subject == 4 && status.detail == 6) return "max-hops";
    if (status.subject == 4 && status.detail == 7) return "expired";
    return "undeliverable";
}

std::string error_of(const Event& event) {
    const std::string_view what = condition(event);
    if (what == "unknown-user") return "SMTP-Router:UnknownAccounts (WriteUnknownAcct)";
    const std::string status = event.status ? event.status->to_string() : "5.0.0";
    return last_field(event.source_channel) + ':' + std::string(what) + " (" + status + ')';
}

std::string_view priority(std::string_view urgency) {
    if (urgency == "urgent") return "1";
    return urgency.empty() || urgency == "normal" ? "2" : "3";
}

// "Tue, 18 Nov 1997 01:50:16 -0800"
std::string rfc822_date(WallTime time, const TimeZone& zone) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const CivilTime local = civil_time(time, zone);
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(local.offset).count();
    const long away = std::labs(static_cast<long>(minutes));
    std::array<char, 64> text{};
    std::snprintf(
        text.data(), text.size(), "%s, %u %s %d %02u:%02u:%02u %c%02ld%02ld",
        days[local.weekday % days.size()], local.day, months[(local.month - 1) % months.size()],
        local.year, local.hour, local.minute, local.second, minutes < 0 ? '-' : '+', away / 60,
        away % 60
    );
    return text.data();
}

std::string host_from(const Event& event) {
    const std::string ip = client(*event.origin.address);
    const std::string& name =
        event.origin.reverse_name.empty() ? event.origin.name : event.origin.reverse_name;
    return (name.empty() ? ip : last_field(name)) + ' ' + ip;
}

std::string trace_name(const std::string& channel) {
    return channel.starts_with("tcp_") ? "SMTP-Accept" : last_field(channel);
}

class Record {
public:
    void add(std::string_view name, std::string_view value) {
        text_.append("\t").append(name).append(": ").append(value).append("\n");
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace

std::string control_record(std::span<const Event> events, const TimeZone& zone) {
    const Event& event = events.front();
    Record record;
    record.add("Function", "Error-Handler");
    record.add("Control-Type", "Mail");
    record.add("Priority", priority(event.urgency));
    record.add("Submitted-Date", rfc822_date(event.enqueued, zone));
    record.add("MIME-Encoding", event.content_8bit ? "8BIT" : "7BIT");
    if (event.origin.address) record.add("Host-From", host_from(event));
    record.add("User-From", "SMTP" + bracketed(event.sender));
    record.add("Message-Size", std::to_string(event.bytes));
    for (const Event& each : events)
        record.add("Channel-To", "SMTP " + bracketed(log::shown_recipient(each)));
    record.add("Error", error_of(event));
    for (const Event& each : events)
        record.add("Error-Text", "SMTP " + bracketed(log::shown_recipient(each)));
    if (!event.origin_channel.empty()) record.add("Trace", trace_name(event.origin_channel));
    record.add("Trace", "SMTP-Router");
    return record.take();
}

std::string error_tag(const Event& event) {
    const std::string_view what = condition(event);
    if (what == "unknown-user") return "Unknown";
    std::string tag(what);
    tag[0] = static_cast<char>(tag[0] - 'a' + 'A');
    return tag;
}

}  // namespace sluice::postoffice_log
