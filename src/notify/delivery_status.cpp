#include "notify/delivery_status.h"

#include <algorithm>

#include "address/utf8_xtext.h"
#include "base/bytes.h"
#include "base/utf8.h"
#include "message/date.h"
#include "message/header_field.h"
#include "notify/texts.h"

namespace sluice::notify {

namespace {

// One line of printable ASCII.
std::string ascii_text(std::string_view text, std::size_t limit) {
    std::string out;
    for (const char c : text.substr(0, limit)) {
        if (static_cast<unsigned char>(c) >= 0x80) {
            out += '?';
        } else {
            out += is_control(c) ? ' ' : c;
        }
    }
    return std::string(trim(out));
}

std::string typed_address(std::string_view type, std::string_view address) {
    constexpr std::size_t max_address = 900;
    if (!is_ascii(address) && is_utf8(address)) {
        return "utf-8;" + address::utf8_xtext(address, max_address);
    }
    return ascii_text(type, 60) + ';' + ascii_text(address, max_address);
}

class Fields {
public:
    void add(std::string_view name, std::string_view value) {
        if (!value.empty()) out_ += message::fold_header(name, value);
    }
    void end_group() { out_ += "\r\n"; }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

std::string typed_host(std::string_view host) {
    return host.empty() ? std::string() : "dns;" + ascii_text(host, 255);
}

void add_recipient(
    Fields& fields,
    NoticeKind kind,
    const NoticeRecipient& recipient,
    const NoticeSettings& settings,
    const TimeZone& zone
) {
    constexpr std::size_t max_diagnostic = 1024;
    const bool has_original = !recipient.original_address.empty();
    std::string original;
    if (has_original) {
        original = typed_address(recipient.original_type, recipient.original_address);
    }
    fields.add("Original-Recipient", original);
    const bool show_final = settings.show_final_address || !has_original;
    fields.add(
        "Final-Recipient", show_final ? typed_address("rfc822", recipient.final_address) : original
    );
    fields.add("Action", action_word(kind));
    fields.add("Status", reported_status(kind, recipient).to_string());
    fields.add("Remote-MTA", typed_host(recipient.remote_host));
    if (!recipient.diagnostic.empty()) {
        fields.add(
            "Diagnostic-Code", ascii_text(recipient.diagnostic_type, 60) + ';' +
                                   ascii_text(recipient.diagnostic, max_diagnostic)
        );
    }
    if (recipient.last_attempt) {
        fields.add("Last-Attempt-Date", message::format_date(*recipient.last_attempt, zone));
    }
    if (recipient.will_retry_until && is_warning(kind)) {
        fields.add("Will-Retry-Until", message::format_date(*recipient.will_retry_until, zone));
    }
}

}  // namespace

std::optional<StatusCode> status_of_reply(std::string_view reply) {
    if (reply.size() < 9 || !is_digit(reply[0]) || (reply[3] != ' ' && reply[3] != '-')) {
        return std::nullopt;
    }
    const std::string_view rest = reply.substr(4);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n"));
    return word.starts_with(reply[0]) ? parse_status_code(word) : std::nullopt;
}

StatusCode reported_status(NoticeKind kind, const NoticeRecipient& recipient) {
    if (kind == NoticeKind::timed_out) return {5, 4, 7};
    std::optional<StatusCode> status = recipient.status;
    if (!status) status = status_of_reply(recipient.diagnostic);
    if (!status && kind == NoticeKind::delayed) return {4, 4, 7};
    if (!status) status = StatusCode{0, 0, 0};
    const unsigned status_class = is_failure(kind) ? 5 : is_warning(kind) ? 4 : 2;
    status->status_class = static_cast<std::uint16_t>(status_class);
    return *status;
}

std::string delivery_status(
    const Notice& notice, const NoticeSettings& settings, const TimeZone& zone
) {
    const OriginalMessage& original = notice.original;
    Fields fields;
    fields.add("Reporting-MTA", typed_host(settings.reporting_mta));
    fields.add("Original-Envelope-Id", ascii_text(original.envelope_id, 900));
    fields.add("Received-From-MTA", typed_host(original.received_from));
    fields.add("Arrival-Date", message::format_date(original.arrival, zone));
    for (const NoticeRecipient& recipient : notice.recipients) {
        fields.end_group();
        add_recipient(fields, notice.kind, recipient, settings, zone);
    }
    return fields.take();
}

}  // namespace sluice::notify
