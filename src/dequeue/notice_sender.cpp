#include "dequeue/notice_sender.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "channel/keyword.h"
#include "dequeue/age_limits.h"
#include "dequeue/notice_language.h"
#include "dequeue/notice_material.h"
#include "dequeue/notice_settings.h"
#include "dequeue/notice_writer.h"
#include "enqueue/disk_guard.h"
#include "notify/builder.h"
#include "notify/return_address.h"

namespace sluice::dequeue {

using channel::Keyword;
using config::OptionId;

namespace {

std::string random_word() {
    std::array<unsigned char, 16> bits{};
    if (::getrandom(bits.data(), bits.size(), 0) != static_cast<ssize_t>(bits.size())) return {};
    std::string word;
    for (const unsigned char byte : bits) word += to_hex(byte + 256U).substr(1);
    return word;
}

/// One notification on its way: what it is about, who is told, in which words.
class Preparation {
public:
    Preparation(
        enqueue::Runtime& runtime,
        const channel::Channel& channel,
        queue::MessageFile& file,
        Notice kind,
        WallTime now
    )
        : runtime_(runtime), channel_(channel), file_(file), kind_(kind) {
        notice_.kind = notice_kind(kind);
        notice_.now = now;
    }

    Result<PreparedNotice> run(const std::vector<NoticeItem>& items) {
        const config::Configuration& configuration = runtime_.configuration();
        add_recipients(items);
        notice_.original = original_message(file_);
        notify::PlanSettings rules = plan_settings(configuration, channel_);
        const notify::ReturnAddress to = sender_address();
        rules.error_returns_suppressed = to.is_suppressed;
        const auto plan = notify::plan_notice(notice_.kind, to.address, recipients_, rules);
        NoticeResult& result = prepared_.result;
        result.told.assign(items.size(), false);
        result.hold = plan.hold;
        if (plan.hold || plan.is_silent()) return std::move(prepared_);
        // What room there is is for reports of failure.
        if (notify::is_warning(notice_.kind) && enqueue::has_no_room(configuration))
            return std::move(prepared_);
        const NoticeLanguage language = find_language(to.address);
        if (language.silent) return std::move(prepared_);
        describe_original();
        settings_ = notice_settings(configuration, channel_, *language.templates);
        if (auto written = write_all(plan, to.address, rules.postmaster); !written)
            return std::move(written).error();
        return std::move(prepared_);
    }

private:
    void add_recipients(const std::vector<NoticeItem>& items) {
        const queue::Envelope& envelope = file_.envelope();
        limits_ = age_limits(runtime_.configuration(), channel_, envelope);
        const bool is_warning = notify::is_warning(notice_.kind);
        for (const NoticeItem& item : items) {
            recipients_.push_back(notice_recipient(channel_, item, kind_, notice_.now));
            if (is_warning)
                recipients_.back().will_retry_until = envelope.enqueued + limits_.give_up_after;
        }
    }

    /// Of the message; a header that cannot be read now says nothing.
    const std::string& header() {
        if (!header_) {
            const auto facts =
                notify::inspect_content(notice_.original.content, notify::Returned::headers, 0, {});
            header_ = facts ? facts->header : std::string();
        }
        return *header_;
    }

    notify::ReturnAddress sender_address() {
        const config::Options& options = runtime_.configuration().options;
        notify::ReturnFields fields;
        fields.errors_to = options.integer(OptionId::use_errors_to) != 0;
        fields.warnings_to = options.integer(OptionId::use_warnings_to) != 0;
        const std::string& sender = file_.envelope().sender;
        if (!fields.errors_to && !fields.warnings_to) return {sender};
        return notify::return_address(notice_.kind, sender, header(), fields);
    }

    NoticeLanguage find_language(const std::string& to) {
        const config::Configuration& configuration = runtime_.configuration();
        NoticeLanguage language;
        language.templates = &configuration.notices.standard();
        if (configuration.mappings.find("NOTIFICATION_LANGUAGE") == nullptr) return language;
        LanguageProbe probe;
        probe.kind = notice_.kind;
        probe.channel = channel_.name();
        probe.languages = preferred_languages(header());
        probe.to = to;
        probe.first_recipient = recipients_.front().final_address;
        lookup::BlockingAnswers answers(runtime_.sources());
        language = choose_language(configuration, probe, answers);
        for (const std::string& warning : language.warnings) diag::warning(warning);
        return language;
    }

    void describe_original() {
        const config::Configuration& configuration = runtime_.configuration();
        // An id that we made ourselves means nothing to the sender (RFC 3464 section 2.2.1).
        if (notice_.original.envelope_id.ends_with('@' + std::string(configuration.local_host())))
            notice_.original.envelope_id.clear();
        if (configuration.options.integer(OptionId::return_delivery_history) != 0)
            notice_.history = attempts_so_far(file_);
        set_ages(notice_, limits_);
    }

    Result<void> write_all(
        const notify::NoticePlan& plan, const std::string& sender, const std::string& postmaster
    ) {
        const bool header_only_copy = channel_.has(Keyword::postheadonly);
        if (plan.shares_one_message() && !header_only_copy)
            return add(plan.for_sender, {sender, postmaster});
        if (!plan.for_sender.empty()) {
            if (auto added = add(plan.for_sender, {sender}); !added) return added;
        }
        if (plan.for_postmaster.empty()) return {};
        settings_.headers_only = header_only_copy;
        return add(plan.for_postmaster, {postmaster});
    }

    Result<void> add(const std::vector<std::size_t>& which, const std::vector<std::string>& to) {
        notice_.recipients.clear();
        for (const std::size_t i : which) notice_.recipients.push_back(recipients_[i]);
        notice_.to = to.front();
        notice_.message_id = runtime_.message_ids().next(notice_.now);
        notice_.boundary_seed = random_word();
        auto written = write_notice(
            runtime_, channel_, notice_.original.message_id, to,
            [this](const notify::OutputSink& sink) {
                return notify::build_notice(notice_, settings_, runtime_.site().zone, sink);
            }
        );
        if (!written) return std::move(written).error();
        prepared_.messages.push_back(std::move(*written));
        for (const std::size_t i : which) prepared_.result.told[i] = true;
        return {};
    }

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    queue::MessageFile& file_;
    Notice kind_;
    AgeLimits limits_;
    notify::Notice notice_;
    notify::NoticeSettings settings_;
    std::vector<notify::NoticeRecipient> recipients_;
    std::optional<std::string> header_;
    PreparedNotice prepared_;
};

}  // namespace

Result<PreparedNotice> prepare_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    queue::MessageFile& file,
    Notice kind,
    const std::vector<NoticeItem>& items,
    WallTime now
) {
    return Preparation(runtime, channel, file, kind, now).run(items);
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
    kill_point("notice.prepared");
    auto queued =
        enqueue::PreparedMessage::commit_together(std::move(prepared->messages), runtime.site());
    if (!queued) return std::move(queued).error();
    kill_point("notice.durable");
    return std::move(prepared->result);
}

}  // namespace sluice::dequeue
