// imsimta counters, qm counters: what the MTA has counted about its channels.
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "base/version.h"
#include "counters/exposition.h"
#include "counters/report.h"
#include "counters/segment.h"
#include "counters/waiting.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_commands.h"
#include "utility/qm_session.h"
#include "utility/utilities.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

using counters::ChannelCounts;
using counters::Group;
using counters::Measure;
using counters::Segment;

constexpr std::string_view facility = "COUNTERS";
constexpr std::uint64_t longest_interval = 86400;

std::string path_of(const enqueue::Runtime& runtime) {
    return counters::segment_path(runtime.configuration().tailor.path(config::TailorEntry::run));
}

std::uint64_t block_size(const enqueue::Runtime& runtime) {
    return static_cast<std::uint64_t>(
        runtime.configuration().options.integer(config::OptionId::block_size)
    );
}

ExitCode failed(Console& console, std::string_view ident, const Error& error) {
    console.error(facility, ident, error.detail().empty() ? error.text() : error.detail());
    return ExitCode::failed;
}

std::size_t capacity_of(const CommandLine& line, const enqueue::Runtime& runtime) {
    const auto number = parse_unsigned(line.value("max_channels").value_or(""));
    if (number) return static_cast<std::size_t>(*number);
    return static_cast<std::size_t>(
        runtime.configuration().options.integer(config::OptionId::channel_table_size)
    );
}

// --- create, clear, delete ---

ExitCode create(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    if (line.value("max_channels") && !parse_unsigned(*line.value("max_channels"))) {
        console.error(facility, "VALUE", "-max_channels takes a number");
        return ExitCode::usage;
    }
    const std::string path = path_of(runtime);
    if (const auto there = Segment::open_existing(path)) {
        console.info(
            facility, "EXISTS",
            "the counters are there already, for " + std::to_string((*there)->capacity()) +
                " channels"
        );
        return ExitCode::done;
    }
    write_audit(invocation, session, runtime);
    const auto made = Segment::open(path, capacity_of(line, runtime));
    if (!made) return failed(console, "NOTMADE", made.error());
    console.info(
        facility, "CREATED",
        "counters for " + std::to_string((*made)->capacity()) + " channels in " + path
    );
    return ExitCode::done;
}

/// From what the job controller knows; false: it does not answer.
bool fill_stored(Segment& segment, QmSession& session, std::uint64_t block) {
    const auto controller = session.controller();
    if (!controller) return false;
    const auto waiting = counters::ask_for_waiting(**controller);
    if (!waiting) return false;
    for (const counters::Waiting& one : *waiting) {
        if (one.messages == 0) continue;
        const auto place = segment.place_of(one.channel);
        if (!place) continue;
        const auto set = [&](Measure measure, std::uint64_t value) {
            segment.set_stored(*place, measure, static_cast<std::int64_t>(value));
        };
        set(Measure::messages, one.messages);
        set(Measure::recipients, one.recipients);
        set(Measure::octets, one.octets);
        set(Measure::blocks, (one.octets + block - 1) / block);
    }
    return true;
}

ExitCode clear(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const auto segment = Segment::open(path_of(runtime), capacity_of(line, runtime));
    if (!segment) return failed(console, "NOTMADE", segment.error());
    write_audit(invocation, session, runtime);
    (*segment)->clear(true, true);
    const bool with_stored = line.has("channels") || !line.has("associations");
    if (with_stored && !fill_stored(**segment, session, block_size(runtime))) {
        console.warning(
            facility, "NOJBC", "the job controller does not answer: what is stored counts from zero"
        );
        return ExitCode::partly_done;
    }
    console.info(facility, "CLEARED", "all counters are zero");
    return ExitCode::done;
}

ExitCode remove(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    write_audit(invocation, session, runtime);
    const auto removed = Segment::remove(path_of(runtime));
    if (!removed) return failed(console, "NOTREMOVED", removed.error());
    console.info(
        facility, *removed ? "DELETED" : "NONE",
        *removed ? "the counters are gone; running programs make new ones" : "there are no counters"
    );
    return ExitCode::done;
}

// --- show ---

/// What waits is asked from the job controller, unless -raw wants the sums.
class Show {
public:
    Show(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime)
        : line_(invocation.line()),
          console_(invocation.console()),
          session_(session),
          runtime_(runtime) {}

    ExitCode run() {
        if (line_.has("json") && line_.has("prometheus")) {
            console_.error(facility, "CONFLICT", "-json and -prometheus exclude each other");
            return ExitCode::usage;
        }
        const auto interval = interval_of();
        if (!interval) return ExitCode::usage;
        const auto segment = Segment::open_existing(path_of(runtime_));
        if (!segment) {
            console_.warning(facility, "NONE", "there are no counters; nothing was counted yet");
            return ExitCode::failed;
        }
        const auto output = line_.value("output");
        if (!output) return print(**segment, *interval, console_.out());
        std::ofstream file((std::string(*output)), std::ios::binary | std::ios::trunc);
        const ExitCode code = print(**segment, *interval, file);
        file.close();
        if (file) return code;
        console_.error(facility, "NOTWRITTEN", "cannot write " + std::string(*output));
        return ExitCode::failed;
    }

private:
    /// Zero without -diff.
    std::optional<std::chrono::seconds> interval_of() {
        const auto text = line_.value("diff");
        if (!text) return std::chrono::seconds(0);
        const auto seconds = parse_unsigned(*text);
        if (seconds && *seconds > 0 && *seconds <= longest_interval)
            return std::chrono::seconds(*seconds);
        console_.error(facility, "VALUE", "-diff takes a number of seconds");
        return std::nullopt;
    }

    ExitCode print(const Segment& segment, std::chrono::seconds interval, std::ostream& out) {
        std::vector<ChannelCounts> counts = segment.read();
        counters::LimitCounts limits = segment.read_limits();
        if (interval.count() > 0) {
            std::this_thread::sleep_for(interval);
            counts = counters::difference(counts, segment.read());
            limits = counters::difference(limits, segment.read_limits());
        }
        std::optional<std::vector<counters::Waiting>> waiting;
        if (!line_.has("raw")) {
            waiting = ask();
            if (waiting) counters::apply_waiting(counts, *waiting, block_size(runtime_));
        }
        if (line_.has("prometheus")) {
            counters::Exposition exposition;
            exposition.counts = std::move(counts);
            exposition.waiting = std::move(waiting);
            exposition.hosts = ask_for_hosts();
            exposition.limits = limits;
            exposition.version = std::string(product_version_number);
            exposition.generation = runtime_.configuration().generation;
            exposition.now = runtime_.store().clock().wall_now();
            out << counters::prometheus_text(exposition);
        } else if (line_.has("json")) {
            for (const ChannelCounts& one : counts) out << json_of(one) << '\n';
            if (line_.has("limits")) write_limits_json(out, limits);
        } else {
            counters::ReportStyle style;
            style.heading = !line_.is_negated("headers");
            style.channels = !line_.is_negated("channels");
            style.associations = !line_.is_negated("associations");
            style.limits = !line_.is_negated("limits");
            counters::write_report(out, counts, style);
            counters::write_limits(out, limits, style);
        }
        return ExitCode::done;
    }

    std::optional<counters::HostFigures> ask_for_hosts() {
        const auto controller = session_.controller();
        if (!controller) return std::nullopt;
        const auto named =
            runtime_.configuration().options.integer(config::OptionId::metrics_hosts);
        auto hosts = counters::ask_for_hosts(**controller, static_cast<std::size_t>(named));
        return hosts ? std::optional(std::move(*hosts)) : std::nullopt;
    }

    std::optional<std::vector<counters::Waiting>> ask() {
        const auto controller = session_.controller();
        if (controller) {
            auto waiting = counters::ask_for_waiting(**controller);
            if (waiting) return std::move(*waiting);
        }
        console_.warning(
            facility, "NOJBC", "the job controller does not answer: stored is what was counted"
        );
        return std::nullopt;
    }

    static JsonLine group_json(const std::function<std::int64_t(Measure)>& at) {
        JsonLine json;
        json.add("messages", at(Measure::messages))
            .add("recipients", at(Measure::recipients))
            .add("bytes", at(Measure::octets))
            .add("blocks", at(Measure::blocks));
        return json;
    }

    std::string json_of(const ChannelCounts& counts) const {
        JsonLine json;
        json.add("channel", counts.channel);
        if (!line_.is_negated("channels")) add_messages(json, counts);
        if (!line_.is_negated("associations")) add_associations(json, counts);
        return json.to_string();
    }

    static void write_limits_json(std::ostream& out, const counters::LimitCounts& limits) {
        for (std::size_t i = 0; i < limits.size(); ++i) {
            if (limits[i] == 0) continue;
            JsonLine json;
            json.add("limit", sluice::limits::name_of(static_cast<sluice::limits::Limit>(i)))
                .add("hits", limits[i]);
            out << json.to_string() << '\n';
        }
    }

    static void add_messages(JsonLine& json, const ChannelCounts& counts) {
        static constexpr std::pair<const char*, Group> groups[] = {
            {"received", Group::received},
            {"stored", Group::stored},
            {"submitted", Group::submitted},
            {"attempted", Group::attempted},
            {"rejected", Group::rejected},
            {"failed", Group::failed},
            {"delivered_first_time", Group::delivered_first}};
        for (const auto& [name, group] : groups) {
            json.add(name, group_json([&counts, group = group](Measure measure) {
                         return counts.at(group, measure);
                     }));
        }
        json.add("delivered", group_json([&counts](Measure measure) {
                     return counts.delivered(measure);
                 }));
        const std::int64_t first = counts.at(seconds_cell(counters::Attempt::first));
        json.add("queue_seconds", first + counts.at(seconds_cell(counters::Attempt::later)))
            .add("queue_seconds_first_time", first)
            .add("loops_detected", counts.at(counters::loops_cell));
        if (counts.last_in) json.add("last_received", *counts.last_in);
        if (counts.last_out) json.add("last_delivered", *counts.last_out);
    }

    static void add_associations(JsonLine& json, const ChannelCounts& counts) {
        using counters::Association;
        const auto at = [&](Association association) {
            return counts.at(counters::association_cell(association));
        };
        json.add("current_in", counts.current_in)
            .add("current_out", counts.current_out)
            .add("total_in", at(Association::total_in))
            .add("total_out", at(Association::total_out))
            .add("rejected_in", at(Association::rejected_in))
            .add("rejected_out", at(Association::rejected_out))
            .add("failed_out", at(Association::failed_out));
    }

    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
};

ExitCode show(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return Show(invocation, session, runtime).run();
}

/// `imsimta counters -show`: the act as a switch.
ExitCode by_switch(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    const CommandLine& line = invocation.line();
    if (line.has("create")) return create(invocation, session, runtime);
    if (line.has("clear")) return clear(invocation, session, runtime);
    if (line.has("delete")) return remove(invocation, session, runtime);
    return show(invocation, session, runtime);
}

constexpr std::array act_switches = {
    Switch{"create", Switch::Value::none, "make the counters; they are made by themselves too"},
    Switch{"clear", Switch::Value::none, "set all to zero"},
    Switch{"delete", Switch::Value::none, "remove them"},
    Switch{"show", Switch::Value::none, "print them (default)"},
};
constexpr std::array create_switches = {
    Switch{"max_channels", Switch::Value::required, "channels there is room for"},
};
constexpr std::array clear_switches = {
    Switch{"channels", Switch::Value::none, "counters of messages"},
    Switch{"associations", Switch::Value::none, "counters of connections"},
};
constexpr std::array show_switches = {
    Switch{"limits", Switch::Value::none, "limits that were reached (default)"},
    Switch{"headers", Switch::Value::none, "the lines on top (default)"},
    Switch{"output", Switch::Value::required, "write to this file"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
    Switch{"prometheus", Switch::Value::none, "in the text format of Prometheus"},
    Switch{"diff", Switch::Value::required, "what changes within so many seconds"},
    Switch{"raw", Switch::Value::none, "stored as counted, not as the job controller knows it"},
};
constexpr auto show_all = joined(clear_switches, show_switches);
constexpr auto all_switches = joined(joined(act_switches, create_switches), show_all);

// A constant: qm copies the command before this file is initialised.
constexpr Command acts[] = {
    {.name = "clear",
     .summary = "set all counters to zero",
     .switches = clear_switches,
     .run = with_queue<clear>},
    {.name = "create",
     .summary = "make the counters",
     .switches = create_switches,
     .run = with_queue<create>},
    {.name = "delete", .summary = "remove the counters", .run = with_queue<remove>},
    {.name = "show",
     .summary = "print the counters",
     .switches = show_all,
     .run = with_queue<show>},
};

}  // namespace

const Command counters_command = {
    .name = "counters",
    .summary = "show what was counted about the channels",
    .switches = all_switches,
    .run = with_queue<by_switch>,
    .subcommands = acts,
};

const Command qm_counters_command = {
    .name = "counters",
    .summary = "show what was counted about the channels",
    .switches = all_switches,
    .run = with_queue<by_switch>,
    .subcommands = acts,
};

}  // namespace sluice::utility
