// job_starter: starts what job_controller.cnf says for a job controller that has given up its
// rights. Requests come over descriptor 3.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/child_program.h"
#include "base/log.h"
#include "containment/starter.h"
#include "job_controller/job_starter.h"
#include "job_controller/trust.h"

namespace {

using namespace sluice;
using job_controller::StartRequest;

/// The jobs of the published configuration, read again when one is asked for that is not there.
class Jobs {
public:
    explicit Jobs(std::string tailor_path) : tailor_path_(std::move(tailor_path)) {}

    bool knows(const StartRequest& request) {
        if (known_.contains(request.words)) return true;
        const auto configuration = config::load_published(tailor_path_);
        if (!configuration) return refuse(configuration.error());
        auto settings = job_controller::trusted_settings_from(**configuration);
        if (!settings) return refuse(settings.error());
        settings_ = std::move(*settings);
        known_ = job_controller::jobs_of(settings_);
        return known_.contains(request.words);
    }
    [[nodiscard]] const job_controller::JobControllerSettings& settings() const {
        return settings_;
    }

private:
    static bool refuse(const Error& error) {
        diag::warning("job_starter: " + error.detail());
        return false;
    }

    std::string tailor_path_;
    job_controller::JobControllerSettings settings_;
    std::set<std::vector<std::string>> known_;
};

Result<pid_t> launch(Jobs& jobs, std::string_view packet, int log) {
    const auto request = job_controller::decode_start_request(packet);
    if (!request || !jobs.knows(*request)) {
        const std::string what = request ? request->words.front() : "what is not understood";
        diag::warning("job_starter: no job of this configuration: " + what);
        return Error::from_errno(EPERM, "start " + what);
    }
    auto process = job_controller::start_job(*request, jobs.settings(), log);
    if (!process) return std::move(process).error();
    return process->pid;
}

}  // namespace

int main() {
    constexpr int usage_error = 2;
    constexpr int configuration_error = 7;
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(ChildProgram::channel_fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        type != SOCK_SEQPACKET) {
        std::fprintf(stderr, "%%IMTA-F-NOPARENT, this program is started by job_controller\n");
        return usage_error;
    }
    ::fcntl(ChildProgram::channel_fd, F_SETFD, FD_CLOEXEC);
    ::prctl(PR_SET_DUMPABLE, 0);
    ::signal(SIGPIPE, SIG_IGN);
    const auto path = config::tailor_path_from_environment();
    if (!path) return configuration_error;
    Jobs jobs(*path);
    return containment::run_starter(
        ChildProgram::channel_fd,
        [&jobs](std::string_view packet, int log) { return launch(jobs, packet, log); }
    );
}
