// imsimta dispatcher: the statistics of the dispatcher, and new workers for a service.
#include "net/service_statistics.h"
#include "utility/dispatcher_report.h"
#include "utility/printable.h"
#include "utility/restart_service.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

using config::TailorEntry;

constexpr std::string_view facility = "DISPATCHER";
constexpr std::chrono::seconds patience{10};
constexpr std::size_t longest_name = 200;  // within net::control_line_limit

/// The answer, or the exit code; what is wrong was told.
Result<std::string> ask(Invocation& invocation, std::string_view question) {
    const std::string& run = invocation.instance()->tailor.path(TailorEntry::run);
    return net::ask_dispatcher(run + "dispatcher.sock", question, patience);
}

ExitCode failed(Console& console, const Error& error) {
    if (error.is_permanent()) {
        console.error(facility, "REFUSED", printable_text(error.detail()));
        return ExitCode::failed;
    }
    console.error(facility, "NOTRUNNING", "the dispatcher does not answer: " + error.detail());
    return ExitCode::no_daemon;
}

ExitCode stats(Invocation& invocation) {
    Console& console = invocation.console();
    const auto answer = ask(invocation, "STATISTICS");
    if (!answer) return failed(console, answer.error());
    const auto statistics = net::decode_statistics(*answer);
    if (!statistics) return failed(console, statistics.error());
    const bool json = invocation.line().has("json");
    for (const std::string& line : json ? json_lines(*statistics) : text_lines(*statistics))
        console.line(line);
    return ExitCode::done;
}

ExitCode restart(Invocation& invocation) {
    return restart_service(invocation, invocation.line().parameters()[0]);
}

constexpr Switch stats_switches[] = {
    {"json", Switch::Value::none, "one JSON object a line"},
};

constexpr Command acts[] = {
    {.name = "restart",
     .summary = "new workers for a service; its sockets stay open",
     .parameters = "service",
     .least_parameters = 1,
     .most_parameters = 1,
     .run = restart},
    {.name = "stats",
     .summary = "services, workers, recent connections",
     .parameters = "",
     .switches = stats_switches,
     .run = stats},
};

}  // namespace

ExitCode restart_service(Invocation& invocation, const std::string& service) {
    Console& console = invocation.console();
    if (service.find('\n') != std::string::npos || service.size() > longest_name) {
        console.error(facility, "REFUSED", "no such service");
        return ExitCode::usage;
    }
    const auto answer = ask(invocation, "RESTART " + service);
    if (!answer) return failed(console, answer.error());
    console.success(
        facility, "RESTARTED", "new workers take the connections of " + printable_text(service)
    );
    return ExitCode::done;
}

const Command dispatcher_command = {
    .name = "dispatcher",
    .summary = "show the statistics of the dispatcher, and renew workers",
    .switches = stats_switches,
    .run = stats,
    .subcommands = acts,
};

}  // namespace sluice::utility
