#include "dequeue/error_notice.h"

#include <functional>

#include "base/bytes.h"
#include "base/log.h"
#include "dequeue/notice_limit.h"
#include "dequeue/notice_material.h"
#include "dequeue/notice_settings.h"
#include "dequeue/notice_writer.h"
#include "notify/error_notice.h"
#include "policy/postmaster.h"

namespace sluice::dequeue {

namespace {

/// Equal errors are one: who sent, who should have got it, what it was.
std::uint64_t fingerprint_of(const ErrorCase& error) {
    return std::hash<std::string>()(error.condition + '\n' + error.sender + '\n' + error.recipient);
}

/// No mail about mail to the postmaster that fails: it would fail, too.
bool would_loop(const queue::Recipient& recipient, const std::string& to) {
    return equals_ignoring_case(recipient.address, to) ||
           equals_ignoring_case(recipient.address, "postmaster") ||
           equals_ignoring_case(recipient.orcpt.value_or(""), to);
}

notify::ErrorNotice content_of(
    const Attempt& attempt, std::size_t index, const ErrorCase& error, bool is_held
) {
    notify::ErrorNotice content;
    content.condition = error.condition;
    content.sentence = attempt.settlement.recipients[index].diagnostic;
    if (content.sentence.empty()) content.sentence = error.status.to_string();
    content.addresses = {error.recipient};
    content.is_held = is_held;
    if (is_held) content.queue_file = attempt.location.channel + '/' + attempt.location.name.unique;
    return content;
}

}  // namespace

bool tell_postmaster(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    Attempt& attempt,
    std::size_t index,
    const ErrorCase& error,
    const ErrorAction& action
) {
    const config::Configuration& configuration = runtime.configuration();
    const std::string to = action.notify_address.empty()
                               ? policy::postmaster_of(configuration, channel)
                               : action.notify_address;
    if (would_loop(attempt.recipients[index], to)) return false;
    const auto most = configuration.options.integer(config::OptionId::notify_max_per_hour);
    const auto kept_back = take_notice(
        configuration.tailor.path(config::TailorEntry::run) + "error_notices", attempt.now,
        static_cast<std::uint64_t>(most), fingerprint_of(error)
    );
    if (!kept_back) return true;
    notify::ErrorNotice content = content_of(attempt, index, error, action.hold);
    content.unsent = *kept_back;
    notify::Notice about;
    about.original = original_message(attempt.file);
    about.history = attempts_so_far(attempt.file);
    about.to = to;
    about.now = attempt.now;
    about.message_id = runtime.message_ids().next(attempt.now);
    const notify::NoticeSettings settings =
        notice_settings(configuration, channel, configuration.notices.standard());
    auto written = write_notice(
        runtime, channel, about.original.message_id, {to},
        [&](const notify::OutputSink& sink) {
            return notify::build_error_notice(content, about, settings, runtime.site().zone, sink);
        }
    );
    const auto queued = written ? std::move(*written).commit(runtime.site())
                                : Result<void>(std::move(written).error());
    if (!queued) diag::warning("postmaster not told: " + queued.error().detail());
    return queued.has_value();
}

}  // namespace sluice::dequeue
