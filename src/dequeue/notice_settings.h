#pragma once

#include "channel/channel.h"
#include "config/configuration.h"
#include "notify/notice.h"
#include "notify/recipients.h"

// What options and channel keywords say about notifications, as the room notify wants it. Pure.
namespace sluice::dequeue {

/// Who is told: the sendpost and warnpost families, DISABLE_DELIVERY_RECEIPT.
notify::PlanSettings plan_settings(
    const config::Configuration& configuration, const channel::Channel& channel
);

/// What is said. `templates` must outlive the result.
notify::NoticeSettings notice_settings(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    const config::NoticeTemplates& templates
);

}  // namespace sluice::dequeue
