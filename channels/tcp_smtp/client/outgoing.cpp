#include "outgoing.h"

#include <algorithm>
#include <cstring>

#include "address/address_form.h"
#include "address/utf8_xtext.h"
#include "base/bytes.h"
#include "base/utf8.h"
#include "queue/message_name.h"

namespace sluice::tcp_client {

namespace {

/// With its type (RFC 3461 section 4.2).
constexpr std::size_t longest_orcpt = 500;
constexpr std::uint64_t largest_piece = 64UL << 10U;

bool is_eight_bit(char c) {
    return (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool has_eight_bit(std::string_view text) {
    std::uint64_t seen = 0;
    while (text.size() >= sizeof seen) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        seen |= word;
        text.remove_prefix(sizeof word);
    }
    return (seen & 0x8080808080808080U) != 0 || std::any_of(text.begin(), text.end(), is_eight_bit);
}

bool is_our_envelope_id(std::string_view id, std::string_view local_host) {
    const std::size_t at = id.find('@');
    return at != std::string_view::npos && equals_ignoring_case(id.substr(at + 1), local_host) &&
           queue::is_unique_part(id.substr(0, at)) && queue::arrival_time(id.substr(0, at));
}

smtp::Notify notify_of(const queue::Recipient& recipient) {
    const unsigned flags = recipient.notify_flags();
    smtp::Notify notify;
    if ((flags & queue::notify_explicit) == 0 && flags == queue::default_notify) return notify;
    notify.success = (flags & queue::notify_success) != 0;
    notify.failure = (flags & queue::notify_failure) != 0;
    notify.delay = (flags & queue::notify_delay) != 0;
    notify.never = (flags & queue::notify_never) != 0 && !notify.failure;
    if (notify.never) notify.success = notify.delay = false;
    return notify;
}

// RFC 6533 section 3: the 7-bit form, which any host takes. What came in it was kept in it.
std::string utf8_orcpt(const std::string& type, const std::string& address) {
    if (!is_utf8(address)) return {};
    std::string value = type + ';' + address::utf8_xtext(address, std::string::npos);
    return value.size() <= longest_orcpt ? value : std::string();
}

std::string orcpt_of(const queue::Recipient& recipient) {
    if (!recipient.orcpt || recipient.orcpt->empty()) return {};
    const std::string type = recipient.orcpt_type.value_or("rfc822");
    if (equals_ignoring_case(type, "utf-8") && !is_ascii(*recipient.orcpt))
        return utf8_orcpt(type, *recipient.orcpt);
    const std::string value = to_xtext(*recipient.orcpt);
    return value.empty() ? value : type + ';' + value;
}

}  // namespace

void ContentInspector::append(std::string_view stored) {
    facts_.wire_size += stored.size();
    if (encoding_ == queue::ContentEncoding::lf) {
        facts_.wire_size +=
            static_cast<std::uint64_t>(std::count(stored.begin(), stored.end(), '\n'));
    }
    if (in_header_) scan_header(stored);
    if (!facts_.eight_bit) facts_.eight_bit = has_eight_bit(stored);
}

void ContentInspector::scan_header(std::string_view stored) {
    for (const char c : stored) {
        if (c == '\n') {
            if (line_start_) {
                in_header_ = false;
                return;
            }
            line_start_ = true;
        } else if (c != '\r') {
            line_start_ = false;
            if (is_eight_bit(c)) facts_.eight_bit_header = true;
        }
    }
}

Result<ContentFacts> inspect_content(queue::MessageFile& file) {
    ContentInspector inspector(file.envelope().encoding);
    // Of the content's size: clearing a large buffer would cost more than a small message does.
    std::string piece(std::min<std::uint64_t>(file.content_size(), largest_piece), '\0');
    std::uint64_t offset = 0;
    while (true) {
        const auto count = file.read_content(offset, piece.data(), piece.size());
        if (!count) return count.error();
        if (*count == 0) return inspector.facts();
        inspector.append(std::string_view(piece.data(), *count));
        offset += *count;
    }
}

smtp::OutgoingMessage outgoing_message(
    const queue::Envelope& envelope,
    const std::vector<std::size_t>& recipients,
    const ContentFacts& facts,
    std::string_view local_host,
    bool without_routes
) {
    smtp::OutgoingMessage message;
    message.sender = envelope.sender;
    message.size = facts.wire_size;
    message.eight_bit = facts.eight_bit;
    // The extension is needed for what is really there, whatever the submitter announced.
    message.smtputf8 = has_eight_bit(envelope.sender) ||
                       (facts.eight_bit_header && envelope.has_feature("SMTPUTF8"));
    if (envelope.ret == queue::ReturnContent::full) message.ret = smtp::Ret::full;
    if (envelope.ret == queue::ReturnContent::headers) message.ret = smtp::Ret::headers;
    if (!is_our_envelope_id(envelope.envelope_id, local_host))
        message.envid = to_xtext(envelope.envelope_id);
    for (const std::string& feature : envelope.features) {
        if (feature.starts_with(queue::feature_auth))
            message.auth = feature.substr(queue::feature_auth.size());
    }
    for (const std::size_t index : recipients) {
        const queue::Recipient& recipient = envelope.recipients[index];
        const std::string path(
            without_routes ? address::without_route(recipient.address) : recipient.address
        );
        message.recipients.push_back({path, notify_of(recipient), orcpt_of(recipient)});
    }
    return message;
}

std::string to_xtext(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    if (has_eight_bit(text)) return {};
    std::string out;
    for (const char c : text) {
        if (c > ' ' && c < 0x7f && c != '+' && c != '=') {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'+', digits[byte >> 4U], digits[byte & 15U]};
    }
    return out;
}

}  // namespace sluice::tcp_client
