#include "job_controller/programs.h"

#include <sys/epoll.h>

#include <utility>

#include "base/log.h"
#include "base/log_versions.h"
#include "job_controller/command_line.h"
#include "job_controller/job_starter.h"

namespace sluice::job_controller {

Result<pid_t> Programs::start(const Command& command, OnEnd on_end) {
    auto words = command_words(command.line, command.shell_allowed, command.arguments);
    if (!words) return std::move(words).error();
    const UniqueFd log = new_log(command.log_name);
    auto process = start_job(StartRequest{std::move(*words), command.job}, settings_, log.get());
    if (!process) return std::move(process).error();
    const pid_t pid = process->pid;
    const int end = process->ended.get();
    running_[pid] = {std::move(*process), command.name, std::move(on_end)};
    if (auto watched = loop_.watch(end, EPOLLIN, [this, pid](auto) { ended(pid); }); !watched)
        diag::fatal("cannot watch processes: " + watched.error().to_debug_string());
    return pid;
}

UniqueFd Programs::new_log(const std::string& name) const {
    if (settings_.log_directory.empty()) return {};
    auto version = create_log_version(settings_.log_directory + '/' + name, settings_.log_versions);
    if (version) return std::move(version->file);
    diag::warning("no log for a program: " + version.error().detail());
    return {};
}

void Programs::ended(pid_t pid) {
    const auto found = running_.find(pid);
    if (found == running_.end()) return;
    const auto end = reap(found->second.process);
    if (!end) return;
    loop_.forget(found->second.process.ended.get());
    const Running program = std::move(found->second);
    running_.erase(found);
    diag::write(
        end->clean ? diag::Level::info : diag::Level::warning,
        program.name + " ended, process " + std::to_string(pid) + ", " + end->text
    );
    program.on_end(end->clean);
}

void Programs::terminate_all() {
    for (const auto& [pid, program] : running_) {
        diag::warning(program.name + ", process " + std::to_string(pid) + ", gets SIGTERM");
        terminate(program.process);
    }
}

void Programs::name_those_left() const {
    for (const auto& [pid, program] : running_)
        diag::warning(program.name + ", process " + std::to_string(pid) + ", is left behind");
}

}  // namespace sluice::job_controller
