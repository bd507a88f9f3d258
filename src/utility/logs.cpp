// imsimta logs: service logs.
#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/file.h"
#include "config/service_logs.h"
#include "service_log/line.h"
#include "service_log/search.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/quantities.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "LOGS";

/// Services that may have a log.
constexpr std::string_view services[] = {"admin", "default",  "http", "imap",
                                         "imta",  "msgtrace", "pop"};

ExitCode usage(Console& console, std::string text) {
    console.error(facility, "VALUE", std::move(text));
    return ExitCode::usage;
}

/// Comma separated words, each known to `parse`. False: one is not.
template <class Value, class Parse>
bool read_words(std::string_view text, std::set<Value>& values, Parse parse) {
    for (const std::string_view word : split(text, ',')) {
        const auto value = parse(word);
        if (!value) return false;
        values.insert(*value);
    }
    return true;
}

struct Request {
    std::vector<std::string> services;
    service_log::Filter filter;
};

/// An exit code where the command line makes no sense.
std::optional<ExitCode> read_request(Invocation& invocation, Request& request) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    if (const auto text = line.value("service")) {
        for (const std::string_view word : split(*text, ',')) {
            const std::string name = to_lower(word);
            if (std::find(std::begin(services), std::end(services), name) == std::end(services))
                return usage(console, "there is no service " + name);
            request.services.push_back(name);
        }
    } else {
        request.services.assign(std::begin(services), std::end(services));
    }
    if (const auto text = line.value("level");
        text && !read_words(*text, request.filter.levels, service_log::parse_level))
        return usage(console, "-level needs names such as Notice,Error");
    if (const auto text = line.value("category");
        text && !read_words(*text, request.filter.categories, service_log::parse_category))
        return usage(console, "-category needs names such as Store,General");
    const WallTime now = system_clock().wall_now();
    for (const std::string_view name : {"from", "to"}) {
        const auto text = line.value(name);
        if (!text) continue;
        const auto moment = parse_moment(*text, now);
        if (!moment)
            return usage(
                console,
                '-' + std::string(name) + " needs a time such as 2026-03-02T10:00:00Z or 4h"
            );
        (name == "from" ? request.filter.from : request.filter.to) = *moment;
    }
    if (const auto text = line.value("pid")) {
        request.filter.pid = parse_unsigned(*text);
        if (!request.filter.pid) return usage(console, "-pid needs a number");
    }
    request.filter.process = line.value("process").value_or("");
    request.filter.containing = line.value("containing").value_or("");
    return std::nullopt;
}

service_log::Settings settings_of(const Invocation& invocation) {
    const config::Tailor& tailor = invocation.instance()->tailor;
    config::DiskFiles files;
    Diagnostics findings;  // are cnbuild's to report
    return config::read_service_logs(
        tailor.path(config::TailorEntry::table) + "msg.conf", tailor.path(config::TailorEntry::log),
        files, findings
    );
}

void print(Console& console, const std::string& service, const service_log::Line& line, bool json) {
    if (json) {
        JsonLine object;
        object.add("service", service)
            .add("time", line.time)
            .add("host", line.host)
            .add("process", line.process)
            .add("pid", line.pid)
            .add("category", service_log::name_of(line.category))
            .add("level", service_log::name_of(line.level))
            .add_plain("message", service_log::plain_text(line.message));
        console.line(object.to_string());
        return;
    }
    // Other products may have written the file: what it holds is made plain again. The line feed
    // is the console's.
    std::string text = service_log::format_line(line, TimeZone::system());
    text.pop_back();
    console.line(text);
}

ExitCode search(Invocation& invocation) {
    Console& console = invocation.console();
    Request request;
    if (const auto code = read_request(invocation, request)) return *code;
    const service_log::Settings settings = settings_of(invocation);
    const bool json = invocation.line().has("json");
    unsigned long read = 0;
    unsigned long failed = 0;
    std::uint64_t not_understood = 0;
    for (const std::string& service : request.services) {
        const std::string directory = settings.of(service).directory;
        if (!file_exists(directory)) continue;
        const auto files = service_log::files_of(directory, service);
        if (!files) {
            console.error(facility, "NOTREAD", files.error().detail());
            ++failed;
            continue;
        }
        for (const std::string& path : *files) {
            const auto count =
                service_log::search_file(path, request.filter, [&](const service_log::Line& line) {
                    print(console, service, line, json);
                });
            if (count) {
                ++read;
                not_understood += count->not_understood;
            } else {
                console.error(facility, "NOTREAD", count.error().detail());
                ++failed;
            }
        }
    }
    if (not_understood > 0) {
        console.warning(
            facility, "NOTUNDERSTOOD", std::to_string(not_understood) + " lines were not understood"
        );
    }
    return exit_code_for(read, failed);
}

constexpr Switch search_switches[] = {
    {"service", Switch::Value::required, "admin, imta, msgtrace ...; default all"},
    {"level", Switch::Value::required, "Critical, Error, Warning, Notice, Information, Debug"},
    {"category", Switch::Value::required, "General, Network, Account, Protocol, Store ..."},
    {"from", Switch::Value::required, "not before this time"},
    {"to", Switch::Value::required, "not after this time"},
    {"process", Switch::Value::required, "events of this program"},
    {"pid", Switch::Value::required, "events of this process"},
    {"containing", Switch::Value::required, "events with this text; case counts"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

constexpr Command subcommands[] = {
    {
        .name = "search",
        .summary = "show events of the service logs",
        .parameters = "",
        .switches = search_switches,
        .run = search,
    },
};

}  // namespace

const Command logs_command = {
    .name = "logs",
    .summary = "service logs",
    .parameters = "search",
    .subcommands = subcommands,
};

}  // namespace sluice::utility
