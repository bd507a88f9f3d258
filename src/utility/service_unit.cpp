#include "utility/service_unit.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "IMTA";
constexpr std::size_t most_output = 64UL << 10U;

std::string_view verb_word(ManagerVerb verb) {
    return verb == ManagerVerb::start ? "start" : "stop";
}

Result<std::string> read_all(int descriptor) {
    std::string text;
    std::array<char, 4096> piece{};
    while (true) {
        const ssize_t got = ::read(descriptor, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error::from_errno(errno, "read");
        if (got == 0) return text;
        // What is too much is read all the same: the program must not wait for us.
        const std::size_t room = most_output - std::min(most_output, text.size());
        text.append(piece.data(), std::min(room, static_cast<std::size_t>(got)));
    }
}

/// Of what a program said, in one line.
std::string one_line(std::string_view text) {
    std::string line;
    for (const std::string_view each : split(text, '\n')) {
        if (trim(each).empty()) continue;
        line += (line.empty() ? "" : "; ") + std::string(trim(each));
    }
    return line;
}

/// The value of a line "name=value".
std::string_view property(std::string_view shown, std::string_view name) {
    for (const std::string_view line : split(shown, '\n')) {
        if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=')
            return line.substr(name.size() + 1);
    }
    return {};
}

ExitCode said_no(Invocation& invocation, std::string_view verb, const std::string& why) {
    invocation.console().error(
        facility, verb == "start" ? "NOTSTARTED" : "NOTSTOPPED",
        "systemctl " + std::string(verb) + ' ' + std::string(service_unit) + ": " + why
    );
    return ExitCode::failed;
}

}  // namespace

Result<CommandResult> run_and_collect(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error::from_errno(errno, "pipe");
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, writing.get(), STDERR_FILENO);
    std::vector<std::string> texts = words;
    std::vector<char*> arguments;
    for (std::string& text : texts) arguments.push_back(text.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int error =
        ::posix_spawn(&child, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return Error::from_errno(error, "run " + words.front());
    writing.reset();
    auto output = read_all(reading.get());
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return Error::from_errno(errno, "wait");
    }
    if (!output) return std::move(output).error();
    return CommandResult{
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), std::move(*output)};
}

UnitState parse_unit_state(std::string_view shown, std::string_view tailor_file) {
    UnitState state;
    const std::string wanted = "IMTA_TAILOR=" + std::string(tailor_file);
    bool named = false;
    for (std::string_view word : split_words(property(shown, "Environment"))) {
        if (word.size() > 1 && word.front() == '"' && word.back() == '"')
            word = word.substr(1, word.size() - 2);
        named = named || word == wanted;
    }
    state.is_ours = named && property(shown, "LoadState") == "loaded";
    const std::string_view active = property(shown, "ActiveState");
    state.is_active = active == "active" || active == "activating" || active == "reloading";
    return state;
}

ServiceManagement ServiceManagement::of_this_system() {
    ServiceManagement system;
    system.booted = file_exists("/run/systemd/system");  // sd_booted(3)
    const auto groups = read_file("/proc/self/cgroup", most_output);
    system.inside = groups && groups->find(service_unit) != std::string::npos;
    return system;
}

std::optional<ExitCode> through_service_manager(
    Invocation& invocation,
    ManagerVerb verb,
    std::string_view option,
    const ServiceManagement& system
) {
    const bool wanted = equals_ignoring_case(option, "systemd");
    const std::string unit(service_unit);
    if (equals_ignoring_case(option, "none") || system.inside) return std::nullopt;
    UnitState state;
    if (system.booted) {
        const auto shown = system.run(
            {system.program, "show", "--property=LoadState,ActiveState,Environment", unit}
        );
        if (shown && shown->status == 0)
            state = parse_unit_state(shown->output, invocation.instance()->tailor.file());
    }
    if (!state.is_ours) {
        if (!wanted) return std::nullopt;
        invocation.console().error(
            facility, "NOUNIT",
            "SERVICE_MANAGER is systemd, and " + unit + " does not run this instance"
        );
        return ExitCode::failed;
    }
    // What was started by hand is stopped by hand.
    if (verb == ManagerVerb::stop && !state.is_active) return std::nullopt;
    const std::string word(verb_word(verb));
    const auto done = system.run({system.program, word, unit});
    if (!done) return said_no(invocation, word, done.error().detail());
    if (done->status != 0) return said_no(invocation, word, one_line(done->output));
    invocation.console().success(
        facility, verb == ManagerVerb::start ? "STARTED" : "STOPPED",
        verb == ManagerVerb::start ? "the MTA is running as " + unit : unit + " has stopped"
    );
    return ExitCode::done;
}

}  // namespace sluice::utility
