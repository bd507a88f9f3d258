#include "dequeue/age_limits.h"

#include "channel/channel_settings.h"

namespace sluice::dequeue {

namespace {

channel::Priority priority_of(const queue::Envelope& envelope) {
    if (envelope.priority == "urgent") return channel::Priority::urgent;
    if (envelope.priority == "nonurgent") return channel::Priority::nonurgent;
    if (envelope.priority == "second") return channel::Priority::second_class;
    if (envelope.priority == "third") return channel::Priority::third_class;
    return channel::Priority::normal;
}

}  // namespace

AgeLimits age_limits(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    const queue::Envelope& envelope
) {
    AgeLimits limits;
    const bool hours = configuration.options.integer(config::OptionId::return_units) == 1;
    limits.unit = std::chrono::hours(hours ? 1 : 24);
    const auto ages =
        channel::notice_ages(channel, priority_of(envelope), configuration.imta.channels);
    for (const std::uint32_t age : ages) limits.warn_after.push_back(age * limits.unit);
    limits.give_up_after = limits.warn_after.back();
    limits.warn_after.pop_back();
    return limits;
}

std::optional<std::chrono::seconds> warned_age(
    const std::vector<queue::HistoryRecord>& history, WallTime enqueued
) {
    std::optional<std::chrono::seconds> age;
    for (const queue::HistoryRecord& record : history) {
        if (record.code == queue::HistoryCode::delay_warning)
            age = std::chrono::duration_cast<std::chrono::seconds>(record.when - enqueued);
    }
    return age;
}

}  // namespace sluice::dequeue
