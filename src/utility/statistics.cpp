// imsimta statistics: what the logs say in figures.
#include "tracking/statistics.h"

#include <array>

#include "base/bytes.h"
#include "base/file.h"
#include "log_index/log_cursor.h"
#include "tracking/completion.h"
#include "utility/quantities.h"
#include "utility/statistics_report.h"
#include "utility/tracked_logs.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "STATISTICS";

struct Span {
    std::optional<WallTime> since;
    std::optional<WallTime> until;

    [[nodiscard]] bool has(const tracking::Record& record) const {
        if (!since && !until) return true;
        const auto& time = record.stamp.time;
        return time && (!since || *time >= *since) && (!until || *time <= *until);
    }
};

bool read_moment(Invocation& invocation, std::string_view name, std::optional<WallTime>& moment) {
    const auto text = invocation.line().value(name);
    if (!text) return true;
    moment = parse_moment(*text, system_clock().wall_now());
    if (moment) return true;
    invocation.console().error(
        facility, "VALUE", "-" + std::string(name) + ": not understood: " + printable(*text)
    );
    return false;
}

void count_lines(
    Invocation& invocation,
    const LogFiles& files,
    const tracking::LineReader& reader,
    const Span& span,
    tracking::Statistics& counted
) {
    tracking::Completion completion;
    const auto count = [&](std::string_view line) {
        tracking::Record record = reader.read(line);
        completion.complete(record);
        if (span.has(record)) counted.add(record);
        return true;
    };
    if (files.standard_input) {
        for_lines_of_input(invocation.console(), count);
    } else {
        log_index::merge_logs(
            {&files.messages, &files.connections}, reader.settings().stamps, count
        );
    }
}

ExitCode report(Invocation& invocation, const tracking::Statistics& counted, std::size_t domains) {
    Console& console = invocation.console();
    const ReportView view{domains};
    const CommandLine& line = invocation.line();
    if (const auto path = line.value("html")) {
        const std::string page = report_page(counted, view);
        if (*path == "-") {
            console.out() << page;
            return ExitCode::done;
        }
        const auto written = replace_file(std::string(*path), page);
        if (written) return ExitCode::done;
        console.error(facility, "NOTWRITTEN", written.error().detail());
        return ExitCode::failed;
    }
    if (line.has("json"))
        report_json(counted, view, console);
    else if (line.has("csv"))
        report_csv(counted, view, console);
    else
        report_text(counted, view, console);
    return ExitCode::done;
}

ExitCode run_statistics(Invocation& invocation) {
    Console& console = invocation.console();
    Span span;
    if (!read_moment(invocation, "since", span.since) ||
        !read_moment(invocation, "until", span.until))
        return ExitCode::usage;
    std::size_t domains = 20;
    if (const auto text = invocation.line().value("domains")) {
        const auto number = parse_unsigned(*text);
        if (!number || *number > tracking::Statistics::most_domains) {
            console.error(facility, "VALUE", "-domains: not understood: " + printable(*text));
            return ExitCode::usage;
        }
        domains = static_cast<std::size_t>(*number);
    }
    const auto files = open_log_files(invocation.line().parameters(), invocation.instance());
    if (!files) {
        console.error(facility, "NOLOG", files.error().detail());
        return ExitCode::failed;
    }
    auto settings = reader_settings(invocation, files->of_instance);
    if (!settings) return ExitCode::configuration;
    const tracking::LineReader reader(std::move(*settings));
    tracking::Statistics counted(TimeZone::system());
    count_lines(invocation, *files, reader, span, counted);
    const ExitCode code = report(invocation, counted, domains);
    if (counted.not_understood() > 0)
        console.warning(
            facility, "UNKNOWN",
            "lines that were not understood: " + std::to_string(counted.not_understood())
        );
    return code;
}

constexpr Switch switches[] = {
    {"since", Switch::Value::required, "not before: age, or moment"},
    {"until", Switch::Value::required, "not after"},
    {"domains", Switch::Value::required, "how many domains are listed (20)"},
    {"csv", Switch::Value::none, "comma-separated values"},
    {"html", Switch::Value::required, "write a page with charts to this file; - is the output"},
    {"option_file", Switch::Value::required, "the options that the named logs were written with"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command statistics_command = {
    .name = "statistics",
    .summary = "count messages, octets, delays and refusals in the logs",
    .parameters = "[file ...]",
    .switches = switches,
    .most_parameters = any_number,
    .run = run_statistics,
};

}  // namespace sluice::utility
