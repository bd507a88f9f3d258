// imsimta process: the processes of this instance.
#include <dirent.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/deleter.h"
#include "base/file.h"
#include "base/time_zone.h"
#include "utility/json_line.h"
#include "utility/utilities.h"
#include "utility/utility.h"
#include "utility/watcher.h"

namespace sluice::utility {

namespace {

struct Process {
    std::uint64_t pid = 0;
    std::string user;
    char state = '?';
    std::uint64_t virtual_kib = 0;
    std::uint64_t resident_kib = 0;
    WallTime started{};
    std::chrono::seconds cpu{0};
    std::string command;
};

std::string user_name(uid_t user) {
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
    return found != nullptr ? found->pw_name : std::to_string(user);
}

std::uint64_t boot_seconds() {
    const auto text = read_file("/proc/stat", 1U << 20U);
    if (!text) return 0;
    for (const std::string_view line : split(*text, '\n')) {
        if (line.starts_with("btime ")) return parse_unsigned(line.substr(6)).value_or(0);
    }
    return 0;
}

// Programs of the instance carry its tailor file in their environment.
bool belongs(const std::string& directory, const std::string& tailor_path) {
    const auto environment = read_file(directory + "/environ", 1U << 20U);
    if (!environment) return false;
    for (const std::string_view variable : split(*environment, '\0')) {
        if (variable == "IMTA_TAILOR=" + tailor_path) return true;
    }
    return false;
}

std::string command_line(const std::string& directory) {
    const auto text = read_file(directory + "/cmdline", 1U << 20U);
    if (!text) return {};
    std::string command;
    for (const std::string_view word : split(*text, '\0')) {
        if (word.empty()) continue;
        if (!command.empty()) command += ' ';
        command += word;
    }
    return command;
}

/// What the instance's files say: of a process that gave up root nobody may read the environment.
std::set<std::uint64_t> recorded_pids(const std::string& run_directory) {
    std::set<std::uint64_t> pids;
    for (const int pid :
         {watcher_pid(run_directory), running_pid(pid_file(run_directory, "dispatcher")),
          running_pid(pid_file(run_directory, "job_controller"))}) {
        if (pid > 0) pids.insert(static_cast<std::uint64_t>(pid));
    }
    return pids;
}

std::optional<Process> read_process(std::uint64_t pid) {
    const std::string directory = "/proc/" + std::to_string(pid);
    struct stat status {};
    const auto text = read_file(directory + "/stat", 65536);
    if (!text || ::stat(directory.c_str(), &status) != 0) return std::nullopt;
    // The second field, the name in parentheses, may hold anything: count from its end.
    const std::size_t name_end = text->rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    const auto fields = split_words(std::string_view(*text).substr(name_end + 1));
    constexpr std::size_t state = 0;
    constexpr std::size_t user_ticks = 11;
    constexpr std::size_t start_ticks = 19;
    if (fields.size() < 22) return std::nullopt;
    const auto number = [&](std::size_t i) { return parse_unsigned(fields[i]).value_or(0); };
    const auto hertz = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    const auto page_kib = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
    Process process;
    process.pid = pid;
    process.user = user_name(status.st_uid);
    process.state = fields[state].front();
    process.virtual_kib = number(20) / 1024;
    process.resident_kib = number(21) * page_kib;
    process.cpu = std::chrono::seconds((number(user_ticks) + number(user_ticks + 1)) / hertz);
    process.started = WallTime(std::chrono::seconds(boot_seconds() + number(start_ticks) / hertz));
    process.command = command_line(directory);
    return process;
}

std::vector<Process> processes_of(const config::Tailor& tailor) {
    const auto recorded = recorded_pids(tailor.path(config::TailorEntry::run));
    std::vector<Process> found;
    const std::unique_ptr<DIR, Deleter<::closedir>> directory(::opendir("/proc"));
    if (!directory) return found;
    while (const dirent* entry = ::readdir(directory.get())) {
        const auto pid = parse_unsigned(entry->d_name);
        if (!pid || *pid == static_cast<std::uint64_t>(::getpid())) continue;
        const std::string of_process = "/proc/" + std::to_string(*pid);
        if (!recorded.contains(*pid) && !belongs(of_process, tailor.file())) continue;
        if (auto process = read_process(*pid)) found.push_back(std::move(*process));
    }
    std::sort(found.begin(), found.end(), [](const Process& a, const Process& b) {
        return a.pid < b.pid;
    });
    return found;
}

ExitCode run(Invocation& invocation) {
    Console& console = invocation.console();
    const auto found = processes_of(invocation.instance()->tailor);
    if (invocation.line().has("json")) {
        for (const Process& p : found) {
            JsonLine json;
            json.add("user", p.user).add("pid", p.pid).add("state", std::string(1, p.state));
            json.add("virtual_kib", p.virtual_kib)
                .add("resident_kib", p.resident_kib)
                .add("started", p.started);
            json.add("cpu_seconds", static_cast<std::int64_t>(p.cpu.count()))
                .add("command", p.command);
            console.line(json.to_string());
        }
        return ExitCode::done;
    }
    console.line("USER    PID   S VSZ   RSS   STIME    TIME    COMMAND");
    for (const Process& p : found) {
        const CivilTime start = civil_time(p.started, TimeZone::system());
        char line[512];
        std::snprintf(
            line, sizeof line, "%-7s %-5llu %c %-5llu %-5llu %02u:%02u:%02u %lld:%02lld    %s",
            p.user.c_str(), static_cast<unsigned long long>(p.pid), p.state,
            static_cast<unsigned long long>(p.virtual_kib),
            static_cast<unsigned long long>(p.resident_kib), start.hour, start.minute, start.second,
            static_cast<long long>(p.cpu.count() / 60), static_cast<long long>(p.cpu.count() % 60),
            printable(p.command).c_str()
        );
        console.line(line);
    }
    return ExitCode::done;
}

constexpr Switch switches[] = {
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command process_command = {
    .name = "process",
    .summary = "list the processes of the MTA",
    .parameters = "",
    .switches = switches,
    .run = run,
};

}  // namespace sluice::utility
