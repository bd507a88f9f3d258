#include "dequeue/postmaster_notice.h"

#include <utility>

#include "dequeue/notice_settings.h"
#include "dequeue/notice_writer.h"
#include "notify/plain_notice.h"
#include "policy/postmaster.h"

namespace sluice::dequeue {

Result<void> tell_postmaster(
    enqueue::Runtime& runtime,
    const config::Configuration& configuration,
    const std::string& subject,
    const std::function<std::string(const std::string& reporting_mta)>& text
) {
    const channel::Channel& channel = *configuration.imta.channels.local();
    const notify::NoticeSettings settings =
        notice_settings(configuration, channel, configuration.notices.standard());
    notify::PlainNotice notice;
    notice.to = policy::postmaster_of(configuration, channel);
    notice.subject = subject;
    notice.text = text(settings.reporting_mta);
    notice.now = runtime.store().clock().wall_now();
    notice.message_id = runtime.message_ids().next(notice.now);
    auto written = write_notice(
        runtime, channel, {}, {notice.to},
        [&](const notify::OutputSink& sink) -> Result<notify::BuiltNotice> {
            return notify::build_plain_notice(notice, settings, runtime.site().zone, sink);
        }
    );
    if (!written) return std::move(written).error();
    return std::move(*written).commit(runtime.site());
}

}  // namespace sluice::dequeue
