#include "dequeue/notice_sender.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "channel/keyword.h"
#include "dequeue/age_limits.h"
#include "notify/builder.h"
#include "notify/recipients.h"

namespace sluice::dequeue {

using channel::Keyword;
using config::OptionId;

namespace {

notify::NoticeKind notice_kind(Notice kind) {
    switch (kind) {
        case Notice::timed_out:
            return notify::NoticeKind::timed_out;
        case Notice::delayed:
            return notify::NoticeKind::delayed;
        case Notice::delivered:
            return notify::NoticeKind::delivered;
        case Notice::relayed:
            return notify::NoticeKind::relayed;
        case Notice::bounced:
            return notify::NoticeKind::bounced;
        case Notice::none:
        case Notice::failed:
            break;
    }
    return notify::NoticeKind::failed;
}

// The keyword given last of each family decides; none of them is the usual rule.
notify::PostmasterRule postmaster_rule(
    const channel::Channel& channel, Keyword always, Keyword copy, Keyword on_error, Keyword never
) {
    if (channel.is_given(always)) return notify::PostmasterRule::always;
    if (channel.is_given(copy)) return notify::PostmasterRule::copy;
    if (channel.is_given(on_error)) return notify::PostmasterRule::on_error;
    if (channel.is_given(never)) return notify::PostmasterRule::never;
    return notify::PostmasterRule::usual;
}

notify::PlanSettings plan_settings(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    notify::PlanSettings settings;
    settings.failures = postmaster_rule(
        channel, Keyword::sendpost, Keyword::copysendpost, Keyword::errsendpost, Keyword::nosendpost
    );
    settings.warnings = postmaster_rule(
        channel, Keyword::warnpost, Keyword::copywarnpost, Keyword::errwarnpost, Keyword::nowarnpost
    );
    if (settings.warnings == notify::PostmasterRule::usual) settings.warnings = settings.failures;
    settings.postmaster = postmaster_of(configuration, channel);
    settings.disable_delivery_receipt =
        configuration.options.integer(OptionId::disable_delivery_receipt) != 0;
    return settings;
}

notify::NoticeSettings notice_settings(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    const config::Options& options = configuration.options;
    const auto size = [&](OptionId id) { return static_cast<std::uint64_t>(options.integer(id)); };
    notify::NoticeSettings settings;
    settings.reporting_mta = configuration.local_host();
    settings.from_address = postmaster_of(configuration, channel);
    if (const auto personal = channel.argument(Keyword::returnpersonal)) {
        settings.from_personal = *personal;
    } else if (!options.text(OptionId::return_personal).empty()) {
        settings.from_personal = options.text(OptionId::return_personal);
    }
    settings.lines_to_return = static_cast<unsigned>(options.integer(OptionId::lines_to_return));
    settings.bounce_block_limit = size(OptionId::bounce_block_limit);
    settings.content_return_block_limit = size(OptionId::content_return_block_limit);
    settings.block_size = size(OptionId::block_size);
    settings.delivery_history = options.integer(OptionId::return_delivery_history) != 0;
    settings.history_to_return =
        static_cast<std::size_t>(options.integer(OptionId::history_to_return));
    settings.show_final_address = !channel.has(Keyword::suppressfinal);
    settings.unit = options.integer(OptionId::return_units) == 1 ? notify::QueueUnit::hours
                                                                 : notify::QueueUnit::days;
    return settings;
}

std::string random_word() {
    std::array<unsigned char, 16> bits{};
    if (::getrandom(bits.data(), bits.size(), 0) != static_cast<ssize_t>(bits.size())) return {};
    std::string word;
    for (const unsigned char byte : bits) word += to_hex(byte + 256U).substr(1);
    return word;
}

/// useintermediate, the default, shows "amy@example.com" where includefinal shows the mailbox
/// "amy".
std::string shown_address(const channel::Channel& channel, const queue::Recipient& recipient) {
    if (channel.has(Keyword::includefinal)) return recipient.address;
    return recipient.intermediate.value_or(recipient.address);
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
    if (kind != Notice::bounced) out.last_attempt = now;
    return out;
}

notify::OriginalMessage original_message(queue::MessageFile& file) {
    const queue::Envelope& envelope = file.envelope();
    notify::OriginalMessage original;
    original.sender = envelope.sender;
    original.envelope_id = envelope.envelope_id;
    original.message_id = envelope.message_id.value_or("");
    original.received_from = envelope.source_host;
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

enqueue::SubmittedRecipient to_process(const std::string& address, const std::string& channel) {
    enqueue::SubmittedRecipient recipient;
    recipient.destination.address = address;
    recipient.destination.channel = channel;
    recipient.original = address;
    return recipient;
}

/// Writes one notice to the addresses in `to`.
Result<enqueue::PreparedMessage> write_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    const notify::Notice& notice,
    const notify::NoticeSettings& settings,
    const std::vector<std::string>& to
) {
    const config::Configuration& configuration = runtime.configuration();
    const std::string through(channel.argument(Keyword::notificationchannel).value_or("process"));
    enqueue::Submission submission;
    submission.source_channel = channel.name();
    submission.source_host = channel.official_host();
    submission.owner = runtime.account();
    submission.source_filtered = true;  // a notification is no mail that the channel took in
    const auto own = channel.limit(Keyword::returnenvelope);
    const auto bits = own.value_or(configuration.options.integer(OptionId::return_envelope));
    submission.sender =
        notify::notice_sender(static_cast<unsigned>(bits), postmaster_of(configuration, channel));
    for (const std::string& address : to)
        submission.recipients.push_back(to_process(address, through));
    submission.log_template.original_message_id = notice.original.message_id;
    submission.log_template.username = runtime.account();
    submission.log_template.source.name = channel.official_host();
    enqueue::MessageBuilder builder(
        runtime.site(), configuration.imta.channels, runtime.limits(), std::move(submission),
        enqueue::log_options_of(configuration, channel.name())
    );
    std::optional<Error> failure;
    const auto built =
        notify::build_notice(notice, settings, runtime.site().zone, [&](std::string_view bytes) {
            if (auto written = builder.append(bytes); !written && !failure)
                failure = written.error();
        });
    if (!built) return built.error();
    if (failure) return *failure;
    return builder.finish();
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

}  // namespace

std::string postmaster_of(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    if (const auto address = channel.argument(Keyword::returnaddress)) return std::string(*address);
    const std::string& option = configuration.options.text(OptionId::return_address);
    return option.empty() ? "postmaster@" + std::string(configuration.local_host()) : option;
}

Result<PreparedNotice> prepare_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    queue::MessageFile& file,
    Notice kind,
    const std::vector<NoticeItem>& items,
    WallTime now
) {
    const config::Configuration& configuration = runtime.configuration();
    std::vector<notify::NoticeRecipient> recipients;
    const AgeLimits limits = age_limits(configuration, channel, file.envelope());
    for (const NoticeItem& item : items) {
        recipients.push_back(notice_recipient(channel, item, kind, now));
        if (kind == Notice::delayed)
            recipients.back().will_retry_until = file.envelope().enqueued + limits.give_up_after;
    }
    const notify::PlanSettings plan_rules = plan_settings(configuration, channel);
    const std::string& sender = file.envelope().sender;
    const auto plan = notify::plan_notice(notice_kind(kind), sender, recipients, plan_rules);
    PreparedNotice prepared;
    NoticeResult& result = prepared.result;
    result.told.assign(items.size(), false);
    result.hold = plan.hold;
    if (plan.hold || plan.is_silent()) return prepared;

    notify::Notice notice;
    notice.kind = notice_kind(kind);
    notice.original = original_message(file);
    // An id that we made ourselves means nothing to the sender (RFC 3464 section 2.2.1).
    if (notice.original.envelope_id.ends_with('@' + std::string(configuration.local_host()))) {
        notice.original.envelope_id.clear();
    }
    if (configuration.options.integer(OptionId::return_delivery_history) != 0)
        notice.history = attempts_so_far(file);
    notice.now = now;
    set_ages(notice, limits);
    notify::NoticeSettings settings = notice_settings(configuration, channel);
    const auto add = [&](const std::vector<std::size_t>& which,
                         const std::vector<std::string>& to) -> Result<void> {
        notice.recipients.clear();
        for (const std::size_t i : which) notice.recipients.push_back(recipients[i]);
        notice.to = to.front();
        notice.message_id = runtime.message_ids().next(now);
        notice.boundary_seed = random_word();
        auto written = write_notice(runtime, channel, notice, settings, to);
        if (!written) return std::move(written).error();
        prepared.messages.push_back(std::move(*written));
        for (const std::size_t i : which) result.told[i] = true;
        return {};
    };
    const bool header_only_copy = channel.has(Keyword::postheadonly);
    if (plan.shares_one_message() && !header_only_copy) {
        if (auto added = add(plan.for_sender, {sender, plan_rules.postmaster}); !added)
            return std::move(added).error();
        return prepared;
    }
    if (!plan.for_sender.empty()) {
        if (auto added = add(plan.for_sender, {sender}); !added) return std::move(added).error();
    }
    if (!plan.for_postmaster.empty()) {
        settings.headers_only = header_only_copy;
        if (auto added = add(plan.for_postmaster, {plan_rules.postmaster}); !added)
            return std::move(added).error();
    }
    return prepared;
}

Result<NoticeResult> send_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    queue::MessageFile& file,
    Notice kind,
    const std::vector<NoticeItem>& items,
    WallTime now
) {
    auto prepared = prepare_notice(runtime, channel, file, kind, items, now);
    if (!prepared) return std::move(prepared).error();
    auto queued =
        enqueue::PreparedMessage::commit_together(std::move(prepared->messages), runtime.site());
    if (!queued) return std::move(queued).error();
    return std::move(prepared->result);
}

}  // namespace sluice::dequeue
