#include "job_controller/job_starter.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/bytes.h"
#include "base/child_program.h"
#include "base/log.h"
#include "base/starter_link.h"
#include "job_controller/command_line.h"

namespace sluice::job_controller {

namespace {

UniqueFd& starter() {
    static UniqueFd socket;
    return socket;
}

std::vector<std::string> environment_of(
    const StartRequest& request, const JobControllerSettings& settings
) {
    std::vector<std::string> environment = inherited_environment(settings.environment);
    if (request.job) environment.push_back("SLUICE_JOB=" + std::to_string(*request.job));
    return environment;
}

void add_job(
    std::set<std::vector<std::string>>& jobs,
    const std::string& command,
    bool shell_allowed,
    const std::vector<std::string>& arguments
) {
    if (command.empty()) return;
    auto words = command_words(command, shell_allowed, arguments);
    if (words) jobs.insert(std::move(*words));
}

}  // namespace

// The words, then the number, each ending with NUL.
std::string encode(const StartRequest& request) {
    std::string packet;
    for (const std::string& word : request.words) packet += word + '\0';
    packet += request.job ? std::to_string(*request.job) : std::string();
    return packet + '\0';
}

std::optional<StartRequest> decode_start_request(std::string_view packet) {
    if (!packet.ends_with('\0')) return std::nullopt;
    packet.remove_suffix(1);
    StartRequest request;
    for (const std::string_view part : split(packet, '\0')) request.words.emplace_back(part);
    const std::string number = std::move(request.words.back());
    request.words.pop_back();
    if (request.words.empty()) return std::nullopt;
    if (number.empty()) return request;
    request.job = parse_unsigned(number);
    return request.job ? std::optional(std::move(request)) : std::nullopt;
}

std::set<std::vector<std::string>> jobs_of(const JobControllerSettings& settings) {
    std::set<std::vector<std::string>> jobs;
    for (const ChannelSettings& channel : settings.channels)
        add_job(jobs, channel.master_command, channel.shell_allowed, {channel.name});
    for (const auto& job : settings.periodic_jobs)
        add_job(jobs, job.command, job.shell_allowed, {});
    return jobs;
}

Result<void> use_job_starter(
    const std::string& program, const std::vector<std::string>& environment
) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return Error::from_errno(errno, "socket pair");
    UniqueFd ours(pair[0]);
    const UniqueFd theirs(pair[1]);
    const auto pid = ChildProgram::spawn(program, theirs.get(), {}, environment);
    if (!pid) return pid.error();
    starter() = std::move(ours);
    return {};
}

Result<ChildProcess> start_job(
    const StartRequest& request, const JobControllerSettings& settings, int log
) {
    if (!starter()) return start_process(request.words, environment_of(request, settings), log);
    const int output = log >= 0 ? log : STDERR_FILENO;
    auto started = ask_starter(starter().get(), encode(request), output);
    if (started) return ChildProcess{started->pid, std::move(started->lifeline), true};
    // The watcher starts another job controller, with a starter of its own.
    if (started.error().error_number() == EPIPE) diag::fatal("job_starter is gone");
    return std::move(started).error();
}

}  // namespace sluice::job_controller
