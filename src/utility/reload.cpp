// imsimta reload: running processes take the published configuration
// (docs/adr/0022-reload-swaps-the-snapshot.md).
#include <signal.h>

#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "enqueue/runtime.h"
#include "jobs/control_client.h"
#include "utility/json_line.h"
#include "utility/utilities.h"
#include "utility/utility.h"
#include "utility/watcher.h"

namespace sluice::utility {

namespace {

using config::TailorEntry;

constexpr std::string_view facility = "IMTA";
/// Longer than the dispatcher gives its workers.
constexpr std::chrono::seconds dispatcher_patience{20};
constexpr std::chrono::milliseconds look_again{20};

/// What one daemon made of it.
struct Report {
    std::string daemon;
    bool running = true;
    bool taken = false;
    std::uint64_t generation = 0;
    std::vector<std::string> notes;  ///< why not; or what takes effect only later
};

/// The file that the dispatcher writes when it is through: a line that is different each time, then
/// "taken 17" or "kept 16", then remarks.
void read_dispatcher_report(std::string_view text, Report& report) {
    std::size_t number = 0;
    for (const std::string_view line : split(text, '\n')) {
        ++number;
        if (number == 2) {
            const auto words = split_words(line);
            report.taken = !words.empty() && words[0] == "taken";
            if (words.size() > 1) report.generation = parse_unsigned(words[1]).value_or(0);
        } else if (number > 2 && !line.empty()) {
            report.notes.emplace_back(line);
        }
    }
}

Report tell_dispatcher(const std::string& run_directory) {
    Report report;
    report.daemon = "dispatcher";
    const std::string path = run_directory + "dispatcher.reload";
    const std::string before = read_file(path, 1U << 20U).value_or(std::string());
    const int pid = running_pid(pid_file(run_directory, "dispatcher"));
    if (pid == 0 || ::kill(pid, SIGHUP) != 0) {
        report.running = false;
        return report;
    }
    const MonoTime end = system_clock().mono_now() + dispatcher_patience;
    while (system_clock().mono_now() < end) {
        const std::string now = read_file(path, 1U << 20U).value_or(std::string());
        if (!now.empty() && now != before) {
            read_dispatcher_report(now, report);
            return report;
        }
        std::this_thread::sleep_for(look_again);
    }
    report.notes.emplace_back("no answer; see dispatcher.log");
    return report;
}

Report tell_job_controller(const config::Configuration& configuration) {
    Report report;
    report.daemon = "job_controller";
    auto client = jobs::ControlClient::connect(enqueue::job_controller_socket(configuration));
    if (!client) {
        report.running = false;
        return report;
    }
    const auto reloaded = client->reload();
    if (!reloaded) {
        const Error& error = reloaded.error();
        report.notes.push_back(error.detail().empty() ? error.text() : error.detail());
        return report;
    }
    report.taken = true;
    report.generation = reloaded->generation;
    for (const jobs::ReloadNote& note : reloaded->notes) report.notes.push_back(note.text);
    return report;
}

void show_json(Console& console, const Report& report) {
    JsonLine line;
    line.add("daemon", report.daemon).add("running", report.running).add("taken", report.taken);
    line.add("generation", report.generation)
        .add("notes", std::span<const std::string>(report.notes));
    console.line(line.to_string());
}

void show(Console& console, const Report& report) {
    if (!report.running) {
        console.error(facility, "NOTRUNNING", report.daemon + " is not running");
    } else if (report.taken) {
        console.success(
            facility, "RELOADED",
            report.daemon + " has taken generation " + std::to_string(report.generation)
        );
    } else {
        console.error(facility, "NOTRELOADED", report.daemon + " keeps its configuration");
    }
    for (const std::string& note : report.notes) {
        if (report.taken) {
            console.warning(facility, "LATER", note);
        } else {
            console.explain("  " + printable(note));
        }
    }
}

// First the job controller, so that it knows new channels when mail for them comes in.
ExitCode run(Invocation& invocation) {
    Console& console = invocation.console();
    const auto& tailor = invocation.instance()->tailor;
    const std::string& directory = tailor.path(TailorEntry::run);
    if (watcher_pid(directory) == 0) {
        console.warning(facility, "NOTRUNNING", "the MTA is not running");
        return ExitCode::done;
    }
    // What cannot be used must not be tried on what runs.
    const auto configuration = config::load_published(tailor.file());
    if (!configuration) {
        console.error(facility, "BADCONFIG", configuration.error().detail());
        return ExitCode::configuration;
    }
    const Report reports[] = {tell_job_controller(**configuration), tell_dispatcher(directory)};
    ExitCode code = ExitCode::done;
    for (const Report& report : reports) {
        if (invocation.line().has("json")) {
            show_json(console, report);
        } else {
            show(console, report);
        }
        if (!report.running) {
            code = ExitCode::no_daemon;
        } else if (!report.taken && code == ExitCode::done) {
            code = ExitCode::configuration;
        }
    }
    return code;
}

constexpr Switch switches[] = {
    {"json", Switch::Value::none, "one JSON object for each daemon"},
};

}  // namespace

const Command reload_command = {
    .name = "reload",
    .summary = "let running processes take the published configuration",
    .parameters = "",
    .switches = switches,
    .run = run,
};

}  // namespace sluice::utility
