#include "config/job_controller_cnf.h"

#include <algorithm>

#include "base/bytes.h"
#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

using std::chrono::minutes;

constexpr IntegerRange port_range{1, 65535};
constexpr minutes least_synch_time{30};

constexpr Field<JobControllerConfiguration> global_fields[] = {
    {"TCP_PORT", &JobControllerConfiguration::tcp_port, port_range},
    {"TCP_PORTS", &JobControllerConfiguration::tcp_port, port_range},
    {"UDP_PORT", &JobControllerConfiguration::tcp_port, port_range},
    {"INTERFACE_ADDRESS", &JobControllerConfiguration::interface_address},
    {"SECRET", &JobControllerConfiguration::secret},
    {"DEBUG", &JobControllerConfiguration::debug},
    {"MAX_MESSAGES", &JobControllerConfiguration::max_messages, at_least_one},
    {"INFLOW_BRAKE_MESSAGES", &JobControllerConfiguration::inflow_brake_messages, not_negative},
    {"INFLOW_BRAKE_TIME", &JobControllerConfiguration::inflow_brake_time, at_least_one},
    {"REBUILD_PARALLEL_CHANNEL", &JobControllerConfiguration::rebuild_parallel_channel, {1, 100}},
    {"REBUILD_IN_ORDER", &JobControllerConfiguration::rebuild_in_order},
};

constexpr Field<Pool> pool_fields[] = {
    {"JOB_LIMIT", &Pool::job_limit, at_least_one},
};

constexpr Field<JobChannel> channel_fields[] = {
    {"MASTER_COMMAND", &JobChannel::master_command},
    {"SLAVE_COMMAND", &JobChannel::slave_command},
    {"ANON_HOST", &JobChannel::anon_host},
    {"MAX_LIFE_AGE", &JobChannel::max_life_age, at_least_one},
    {"MAX_LIFE_TIME", &JobChannel::max_life_age, at_least_one},
    {"MAX_LIFE_CONNS", &JobChannel::max_life_conns, at_least_one},
    {"MAX_LIFE_ASKWORK", &JobChannel::max_life_conns, at_least_one},
    {"STRESSBLACKOUT", &JobChannel::stress_blackout, not_negative},
    {"STRESSFACTOR", &JobChannel::stress_factor, at_least_one},
    {"STRESSJOBS", &JobChannel::stress_jobs, not_negative},
    {"STRESSTIME", &JobChannel::stress_time, at_least_one},
    {"UNSTRESSFACTOR", &JobChannel::unstress_factor, at_least_one},
    {"UNSTRESSJOBS", &JobChannel::unstress_jobs, not_negative},
    {"UNSTRESSTIME", &JobChannel::unstress_time, at_least_one},
};

/// Files written for other products have them; nothing here acts upon them.
struct InertOption {
    std::string_view name;
    std::string_view harmless;  ///< the value that asks for what is done anyway
    std::string_view hint;
};
constexpr std::string_view socket_hint =
    "the job controller listens on a Unix socket, and the system says who speaks there";
constexpr InertOption inert_options[] = {
    {"TCP_PORT", "", socket_hint},
    {"TCP_PORTS", "", socket_hint},
    {"UDP_PORT", "", socket_hint},
    {"INTERFACE_ADDRESS", "", socket_hint},
    {"SECRET", "", socket_hint},
    {"REBUILD_IN_ORDER", "1", "files are always read in the order of their arrival"},
    {"SLAVE_COMMAND", "NULL", "no channel polls for mail"},
    {"USE_NSLOG", "0", "it writes a component log"},
    {"CAPACITY", "", ""},
};

constexpr std::string_view other_names[] = {"SYNCH_TIME", "COMMAND", "TIME"};

const InertOption* find_inert(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(inert_options), std::end(inert_options), [&](const auto& known) {
            return equals_ignoring_case(known.name, name);
        });
    return found == std::end(inert_options) ? nullptr : found;
}

std::vector<std::string_view> all_names() {
    std::vector<std::string_view> names(std::begin(other_names), std::end(other_names));
    for (const auto& option : inert_options) names.push_back(option.name);
    for (const auto& field : global_fields) names.push_back(field.name);
    for (const auto& field : pool_fields) names.push_back(field.name);
    for (const auto& field : channel_fields) names.push_back(field.name);
    return names;
}

// "7:15" or "24:00"; at most `most` minutes.
std::optional<minutes> parse_clock(std::string_view text, std::uint64_t most) {
    const auto fields = split(text, ':');
    if (fields.size() != 2 || fields[0].size() > 3 || fields[1].size() != 2) return std::nullopt;
    const auto hours = parse_unsigned(fields[0]);
    const auto rest = parse_unsigned(fields[1]);
    if (!hours || !rest || *rest > 59 || *hours * 60 + *rest > most) return std::nullopt;
    return minutes(*hours * 60 + *rest);
}

void drop_null(std::optional<std::string>& command) {
    if (command && (command->empty() || equals_ignoring_case(*command, "NULL"))) command.reset();
}

class Reader {
public:
    explicit Reader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    JobControllerConfiguration read(const OptionFile& file);

private:
    void take_global(const Setting& setting);
    void take_pool(const Section& section);
    void take_channel(const Section& section);
    void take_periodic_job(const Section& section);
    void unknown(const Setting& setting);
    void report_inert(const Setting& setting);
    std::optional<TimeSpecification> time_of(const Setting& setting);

    Diagnostics& diagnostics_;
    JobControllerConfiguration result_;
    Pool pool_defaults_;
};

void Reader::unknown(const Setting& setting) {
    if (find_inert(setting.name) != nullptr) return;
    static const auto names = all_names();
    report_unknown(setting, "job controller option", names, diagnostics_);
}

void Reader::report_inert(const Setting& setting) {
    const InertOption* inert = find_inert(setting.name);
    if (inert == nullptr) return;
    if (!inert->harmless.empty() && equals_ignoring_case(inert->harmless, setting.value)) return;
    diagnostics_.warning(
        setting.where, "W431", to_upper(setting.name) + " has no effect here", setting.line,
        std::string(inert->hint)
    );
}

std::optional<TimeSpecification> Reader::time_of(const Setting& setting) {
    auto time = parse_time_specification(setting.value);
    if (!time) {
        diagnostics_.error(
            setting.value_where, "E422", "not a time specification", setting.line,
            "write HH:MM, HH:MM/hh:mm or /hh:mm"
        );
    }
    return time;
}

void Reader::take_global(const Setting& setting) {
    report_inert(setting);
    if (equals_ignoring_case(setting.name, "SYNCH_TIME")) {
        const auto time = time_of(setting);
        if (time && time->interval <= least_synch_time) {
            diagnostics_.error(
                setting.value_where, "E422",
                "SYNCH_TIME must be more than 30 minutes, 4 hours are used", setting.line
            );
        } else if (time) {
            result_.synch_time = *time;
        }
    } else if (const auto* global = find_field(global_fields, setting.name)) {
        assign(*global, setting, result_, diagnostics_);
    } else if (const auto* pool = find_field(pool_fields, setting.name)) {
        assign(*pool, setting, pool_defaults_, diagnostics_);
    } else if (const auto* channel = find_field(channel_fields, setting.name)) {
        assign(*channel, setting, result_.channel_defaults, diagnostics_);
    } else {
        unknown(setting);
    }
}

void Reader::take_pool(const Section& section) {
    Pool pool = pool_defaults_;
    pool.name = section.name;
    pool.where = section.where;
    for (const auto& setting : section.settings) {
        report_inert(setting);
        const auto* field = find_field(pool_fields, setting.name);
        if (field == nullptr) {
            unknown(setting);
        } else {
            assign(*field, setting, pool, diagnostics_);
        }
    }
    result_.pools.push_back(std::move(pool));
}

void Reader::take_channel(const Section& section) {
    JobChannel channel = result_.channel_defaults;
    channel.name = to_lower(section.name);
    channel.wildcard = channel.name.ends_with('*');
    if (channel.wildcard) channel.name.pop_back();
    channel.where = section.where;
    if (channel.name.find('*') != std::string::npos) {
        diagnostics_.error(
            section.where, "E421", "only one * is allowed, at the end of the name", section.line
        );
        return;
    }
    for (const auto& setting : section.settings) {
        report_inert(setting);
        const auto* field = find_field(channel_fields, setting.name);
        if (field == nullptr) {
            unknown(setting);
        } else {
            assign(*field, setting, channel, diagnostics_);
        }
    }
    channel.never_run = channel.master_command.has_value();
    drop_null(channel.master_command);
    channel.never_run = channel.never_run && !channel.master_command;
    drop_null(channel.slave_command);
    result_.channels.push_back(std::move(channel));
}

void Reader::take_periodic_job(const Section& section) {
    PeriodicJob job{section.name, {}, {}, section.where};
    bool timed = false;
    for (const auto& setting : section.settings) {
        report_inert(setting);
        if (equals_ignoring_case(setting.name, "COMMAND")) {
            job.command = setting.value;
        } else if (equals_ignoring_case(setting.name, "TIME")) {
            const auto time = time_of(setting);
            if (!time) return;
            job.time = *time;
            timed = true;
        } else {
            unknown(setting);
        }
    }
    if (!timed || job.command.empty()) {
        diagnostics_.error(
            section.where, "E421",
            "periodic job " + section.name + " needs COMMAND and TIME; it is not run", section.line
        );
        return;
    }
    result_.periodic_jobs.push_back(std::move(job));
}

JobControllerConfiguration Reader::read(const OptionFile& file) {
    for (const auto& setting : file.globals().settings) take_global(setting);
    drop_null(result_.channel_defaults.master_command);
    drop_null(result_.channel_defaults.slave_command);
    for (std::size_t i = 1; i < file.sections.size(); ++i) {
        const Section& section = file.sections[i];
        if (section.kind == "POOL" || section.kind == "QUEUE") {
            take_pool(section);
        } else if (section.kind == "CHANNEL") {
            take_channel(section);
        } else if (section.kind == "PERIODIC_JOB") {
            take_periodic_job(section);
        } else {
            diagnostics_.error(
                section.where, "E420", "unknown kind of section " + section.kind, section.line,
                "POOL, CHANNEL or PERIODIC_JOB"
            );
        }
    }
    if (result_.pools.empty()) {
        result_.pools.push_back(pool_defaults_);
        result_.pools.front().name = "DEFAULT";
    }
    return std::move(result_);
}

}  // namespace

std::string TimeSpecification::to_debug_string() const {
    const auto clock = [](minutes time) {
        const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
        return two(time.count() / 60) + ':' + two(time.count() % 60);
    };
    return (first ? clock(*first) : std::string()) + '/' + clock(interval);
}

std::optional<TimeSpecification> parse_time_specification(std::string_view text) {
    constexpr std::uint64_t last_minute_of_day = 24UL * 60 - 1;
    constexpr std::uint64_t longest_interval = 999UL * 60;
    TimeSpecification time;
    const std::size_t slash = text.find('/');
    const std::string_view first = trim(text.substr(0, slash));
    if (!first.empty()) {
        time.first = parse_clock(first, last_minute_of_day);
        if (!time.first) return std::nullopt;
    }
    if (slash == std::string_view::npos) return time.first ? std::optional(time) : std::nullopt;
    const auto interval = parse_clock(trim(text.substr(slash + 1)), longest_interval);
    if (!interval || interval->count() == 0) return std::nullopt;
    time.interval = *interval;
    return time;
}

const Pool* JobControllerConfiguration::find_pool(std::string_view name) const {
    const auto found = std::find_if(pools.begin(), pools.end(), [&](const Pool& pool) {
        return equals_ignoring_case(pool.name, name);
    });
    return found == pools.end() ? nullptr : &*found;
}

const JobChannel& JobControllerConfiguration::channel(std::string_view channel_name) const {
    const JobChannel* best = nullptr;
    for (const auto& section : channels) {
        if (!section.wildcard && equals_ignoring_case(section.name, channel_name)) return section;
        if (!section.wildcard || !starts_with_ignoring_case(channel_name, section.name)) continue;
        if (best == nullptr || section.name.size() > best->name.size()) best = &section;
    }
    return best != nullptr ? *best : channel_defaults;
}

JobControllerConfiguration parse_job_controller_cnf(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
) {
    return Reader(diagnostics)
        .read(parse_option_file(text, file_name, OptionDialect{.sections = true}, diagnostics));
}

Result<JobControllerConfiguration> load_job_controller_cnf(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (!text) return text.error();
    return parse_job_controller_cnf(*text, path, diagnostics);
}

}  // namespace sluice::config
