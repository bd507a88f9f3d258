#include "dequeue/notice_material.h"

#include <algorithm>

#include "access/connection_record.h"
#include "channel/keyword.h"

namespace sluice::dequeue {

using channel::Keyword;

namespace {

/// useintermediate, the default, shows "amy@example.com" where includefinal shows the mailbox
/// "amy".
std::string shown_address(const channel::Channel& channel, const queue::Recipient& recipient) {
    if (channel.has(Keyword::includefinal)) return recipient.address;
    return recipient.intermediate.value_or(recipient.address);
}

/// The MTA that sent the message to us, by the name it gave (RFC 3464 section 2.2.4); empty where
/// it came by no session.
std::string sending_host(const queue::Envelope& envelope) {
    if (!envelope.transport) return {};
    const auto session = access::parse_connection_record(*envelope.transport);
    return session ? session->app.helo : std::string();
}

}  // namespace

notify::NoticeKind notice_kind(Notice kind) {
    switch (kind) {
        case Notice::timed_out:
            return notify::NoticeKind::timed_out;
        case Notice::delayed:
            return notify::NoticeKind::delayed;
        case Notice::deferred:
            return notify::NoticeKind::deferred;
        case Notice::delivered:
            return notify::NoticeKind::delivered;
        case Notice::relayed:
            return notify::NoticeKind::relayed;
        case Notice::expanded:
            return notify::NoticeKind::expanded;
        case Notice::bounced:
            return notify::NoticeKind::bounced;
        case Notice::none:
        case Notice::failed:
            break;
    }
    return notify::NoticeKind::failed;
}

notify::NoticeRecipient notice_recipient(
    const channel::Channel& channel, const NoticeItem& item, Notice kind, WallTime now
) {
    notify::NoticeRecipient out;
    out.original_type = item.recipient->orcpt_type.value_or("rfc822");
    out.original_address = item.recipient->orcpt.value_or("");
    out.final_address = shown_address(channel, *item.recipient);
    out.notary_flags = item.recipient->notify_flags();
    out.status = item.status;
    out.remote_host = item.disposition->remote_host;
    out.diagnostic = item.disposition->reply;
    out.diagnostic_extra = item.disposition->connection;
    // What a remote host said speaks for itself; the log's text holds it once more.
    const std::string& own = item.disposition->notice_text;
    if (out.diagnostic.empty()) out.reason = own.empty() ? item.disposition->diagnostic : own;
    // A message that the postmaster returns was not tried at that moment.
    if (kind != Notice::bounced && !item.disposition->never_tried)
        out.last_attempt = item.disposition->tried.value_or(now);
    return out;
}

notify::OriginalMessage original_message(queue::MessageFile& file) {
    const queue::Envelope& envelope = file.envelope();
    notify::OriginalMessage original;
    original.sender = envelope.sender;
    original.envelope_id = envelope.envelope_id;
    original.message_id = envelope.message_id.value_or("");
    original.received_from = sending_host(envelope);
    original.arrival = envelope.enqueued;
    if (envelope.ret == queue::ReturnContent::full) original.ret = notify::ReturnRequest::full;
    if (envelope.ret == queue::ReturnContent::headers)
        original.ret = notify::ReturnRequest::headers;
    original.smtputf8 = envelope.has_feature("SMTPUTF8");
    original.bytes = file.content_size();
    original.content = [&file](const notify::PieceSink& sink) -> Result<void> {
        queue::WireReader reader(file);
        while (true) {
            const auto octets = reader.next();
            if (!octets) return octets.error();
            if (octets->empty() || !sink(*octets)) return {};
        }
    };
    return original;
}

std::vector<notify::HistoryEntry> attempts_so_far(queue::MessageFile& file) {
    std::vector<notify::HistoryEntry> entries;
    const auto history = file.history();
    if (!history) return entries;
    for (const queue::HistoryRecord& record : *history) {
        if (record.code == queue::HistoryCode::temporary_failure ||
            record.code == queue::HistoryCode::others_delivered)
            entries.push_back({record.when, record.text});
    }
    return entries;
}

void set_ages(notify::Notice& notice, const AgeLimits& limits) {
    const auto units = [&](std::chrono::seconds age) {
        return static_cast<unsigned>(age / limits.unit);
    };
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(notice.now - notice.original.arrival);
    notice.units_total = units(limits.give_up_after);
    notice.units_queued = units(std::max(age, std::chrono::seconds(0)));
    notice.units_left = notice.units_total - std::min(notice.units_queued, notice.units_total);
}

}  // namespace sluice::dequeue
