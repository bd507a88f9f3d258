#include "job_controller/live_changes.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::job_controller {

namespace {

using jobs::Change;
using jobs::Setting;

constexpr std::uint64_t most_messages = 100'000'000;
constexpr std::uint64_t most_jobs = 10'000;

Error refused(std::string why) {
    return Error::permanent({5, 5, 4}, std::move(why));
}

/// "tcp_*" and the like: the star stands for any text.
bool names(std::string_view pattern, std::string_view channel) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return equals_ignoring_case(pattern, channel);
    const std::string_view before = pattern.substr(0, star);
    const std::string_view after = pattern.substr(star + 1);
    return channel.size() >= before.size() + after.size() &&
           starts_with_ignoring_case(channel, before) &&
           equals_ignoring_case(channel.substr(channel.size() - after.size()), after);
}

Result<std::uint64_t> number_of(const Change& change, std::uint64_t least, std::uint64_t most) {
    const auto number = parse_unsigned(change.value);
    if (!number || *number < least || *number > most) {
        return refused(
            "expected a number from " + std::to_string(least) + " to " + std::to_string(most)
        );
    }
    return *number;
}

Result<void> set(ChannelSettings& channel, const Change& change) {
    if (change.setting == Setting::master_job) {
        if (change.value.empty() || change.value.front() != '/')
            return refused("expected the path of a program");
        channel.master_command = change.value;
        channel.shell_allowed = false;
        return {};
    }
    const auto number = number_of(change, 1, most_jobs);
    if (!number) return number.error();
    const auto value = static_cast<unsigned>(*number);
    (change.setting == Setting::thread_depth ? channel.thread_depth : channel.max_jobs) = value;
    return {};
}

Result<std::uint32_t> set_channels(JobControllerSettings& settings, const Change& change) {
    std::uint32_t concerned = 0;
    for (ChannelSettings& channel : settings.channels) {
        if (!names(change.channel, channel.name)) continue;
        if (auto done = set(channel, change); !done) return done.error();
        ++concerned;
    }
    if (concerned == 0) return refused("no such channel: " + printable(change.channel));
    return concerned;
}

Result<std::uint32_t> apply(JobControllerSettings& settings, const Change& change) {
    if (change.setting == Setting::debug) {
        const auto mask = number_of(change, 0, UINT32_MAX);
        if (!mask) return mask.error();
        settings.debug = static_cast<std::int64_t>(*mask);
        return 0U;
    }
    if (change.setting != Setting::max_messages) return set_channels(settings, change);
    const auto number = number_of(change, 1, most_messages);
    if (!number) return number.error();
    settings.max_messages = static_cast<std::size_t>(*number);
    return 0U;
}

}  // namespace

Result<std::uint32_t> LiveChanges::make(JobControllerSettings& settings, const Change& change) {
    auto concerned = apply(settings, change);
    if (!concerned) return concerned;
    // The latest one about the same thing counts; others stay in their order.
    std::erase_if(changes_, [&](const Change& known) {
        return known.setting == change.setting &&
               equals_ignoring_case(known.channel, change.channel);
    });
    changes_.push_back(change);
    return concerned;
}

void LiveChanges::apply_to(JobControllerSettings& settings) const {
    for (const Change& change : changes_) {
        // A channel that is gone needs its change no more.
        const auto applied = apply(settings, change);
        (void)applied;
    }
}

}  // namespace sluice::job_controller
