#include "job_controller/configured_settings.h"

#include <algorithm>

#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "channel/keyword.h"
#include "jobs/hold_list.h"
#include "jobs/inflow_state.h"

namespace sluice::job_controller {

using channel::Keyword;
using config::OptionId;
using config::TailorEntry;

namespace {

std::string without_final_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

/// Only the first word of a command is a path.
Result<std::string> resolved_command(const config::Tailor& tailor, const std::string& command) {
    const std::size_t blank = command.find(' ');
    auto program = tailor.resolve_path(command.substr(0, blank), TailorEntry::bin);
    if (!program) return std::move(program).error();
    return blank == std::string::npos ? *program : *program + command.substr(blank);
}

BackoffByPriority backoff_of(const channel::Channel& channel) {
    BackoffByPriority backoff;
    backoff.schedules[0].intervals = channel::backoff_schedule(channel, channel::Priority::urgent);
    backoff.schedules[1].intervals = channel::backoff_schedule(channel, channel::Priority::normal);
    backoff.schedules[2].intervals =
        channel::backoff_schedule(channel, channel::Priority::nonurgent);
    return backoff;
}

SizeDemotion size_demotion_of(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    const config::Options& options = configuration.options;
    const auto block = static_cast<std::uint64_t>(options.integer(OptionId::block_size));
    const auto octets = [&](Keyword keyword, OptionId fallback) {
        const auto blocks = channel.limit(keyword).value_or(options.integer(fallback));
        return blocks <= 0 ? 0 : static_cast<std::uint64_t>(blocks) * block;
    };
    return {
        {octets(Keyword::urgentblocklimit, OptionId::urgent_block_limit),
         octets(Keyword::normalblocklimit, OptionId::normal_block_limit),
         octets(Keyword::nonurgentblocklimit, OptionId::non_urgent_block_limit)}};
}

StressSettings stress_of(const config::JobChannel& job) {
    const auto number = [](std::int64_t value) {
        return static_cast<unsigned>(std::min<std::int64_t>(value, 1'000'000));
    };
    StressSettings stress;
    stress.blackout = std::chrono::seconds(number(job.stress_blackout));
    stress.factor = number(job.stress_factor);
    stress.jobs = number(job.stress_jobs);
    stress.time = std::chrono::seconds(number(job.stress_time));
    stress.unstress_factor = number(job.unstress_factor);
    stress.unstress_jobs = number(job.unstress_jobs);
    stress.unstress_time = std::chrono::seconds(number(job.unstress_time));
    return stress;
}

/// The job controller takes NULL, in any case, for "never run".
bool names_a_program(const std::optional<std::string>& command) {
    return command && !command->empty() && !equals_ignoring_case(*command, "NULL");
}

Result<ChannelSettings> channel_settings(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    const config::JobChannel& job = configuration.job_controller.channel(channel.name());
    ChannelSettings settings;
    settings.name = channel.name();
    settings.pool = channel::pool(channel).value_or("");
    settings.anon_host = job.anon_host;
    settings.max_jobs = static_cast<unsigned>(channel::max_jobs(channel));
    settings.files_per_job =
        static_cast<unsigned>(std::max<std::int64_t>(0, channel.integer(Keyword::filesperjob, 0)));
    settings.addrs_per_job =
        static_cast<unsigned>(std::max<std::int64_t>(0, channel.integer(Keyword::addrsperjob, 0)));
    settings.thread_depth =
        static_cast<unsigned>(std::max<std::int64_t>(1, channel.integer(Keyword::threaddepth, 10)));
    settings.backoff = backoff_of(channel);
    settings.size_demotion = size_demotion_of(configuration, channel);
    settings.host_probe = channel::probes_hosts(channel);
    settings.host_backoff.intervals = channel::host_backoff_schedule(channel);
    settings.host_ramp = channel::host_ramp(channel);
    settings.max_life_age = job.max_life_age;
    settings.max_life_conns = static_cast<unsigned>(job.max_life_conns);
    settings.stress = stress_of(job);
    if (names_a_program(job.master_command) && channel::has_master(channel)) {
        auto command = resolved_command(configuration.tailor, *job.master_command);
        if (!command) return std::move(command).error();
        settings.master_command = std::move(*command);
    }
    return settings;
}

}  // namespace

Result<JobControllerSettings> settings_from(const config::Configuration& configuration) {
    const config::JobControllerConfiguration& file = configuration.job_controller;
    JobControllerSettings settings;
    settings.socket_path = configuration.tailor.path(TailorEntry::run) + "job_controller.sock";
    settings.queue_root = without_final_slash(configuration.tailor.path(TailorEntry::queue));
    settings.log_directory = configuration.tailor.path(TailorEntry::log);
    settings.log_versions = config::log_versions_kept(configuration.tailor);
    const auto stopped = jobs::read_hold_list(jobs::hold_list_path(settings.queue_root));
    if (!stopped) return stopped.error();
    for (const channel::Channel& channel : configuration.imta.channels) {
        auto one = channel_settings(configuration, channel);
        if (!one) return std::move(one).error();
        one->stopped = stopped->contains(to_lower(channel.name()));
        settings.channels.push_back(std::move(*one));
    }
    for (const config::Pool& pool : file.pools) {
        settings.pools.push_back({pool.name, static_cast<unsigned>(pool.job_limit)});
    }
    for (const config::PeriodicJob& job : file.periodic_jobs) {
        auto command = resolved_command(configuration.tailor, job.command);
        if (!command) return std::move(command).error();
        settings.periodic_jobs.push_back(
            {job.name, std::move(*command), false, job.time.first, job.time.interval}
        );
    }
    settings.debug = file.debug;
    settings.max_messages = static_cast<std::size_t>(file.max_messages);
    settings.inflow.messages = static_cast<std::size_t>(file.inflow_brake_messages);
    settings.inflow.time = std::chrono::seconds(file.inflow_brake_time);
    settings.inflow_state = jobs::inflow_state_path(configuration.tailor.path(TailorEntry::run));
    settings.synch_time = file.synch_time.interval;
    settings.tmp_max_age = configuration.options.duration(config::OptionId::tmp_max_age);
    settings.rebuild_parallel = static_cast<unsigned>(file.rebuild_parallel_channel);
    settings.environment.emplace_back("SLUICE_KILL_POINT");
    settings.environment.emplace_back("SLUICE_CONTAINMENT_PROBE");
    return settings;
}

}  // namespace sluice::job_controller
