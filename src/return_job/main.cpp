// return: the nightly return job (docs/man/return.8). Its log is standard error, which the job
// controller leads into return.log.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include "base/log.h"
#include "base/privilege.h"
#include "enqueue/contain.h"
#include "return_job/return_job.h"

namespace {

using namespace sluice;
using return_job::Steps;

constexpr int some_failed = 1;
constexpr int usage_error = 2;
constexpr int configuration_error = 7;
constexpr int try_again = 75;

Steps no_steps() {
    Steps steps;
    steps.at_once = true;
    steps.age = steps.held = steps.rollover = steps.purge = steps.synchronise = steps.cleanup =
        false;
    return steps;
}

/// What the job controller has done every hour.
Steps held_alone() {
    Steps steps = no_steps();
    steps.held = true;
    return steps;
}

/// What needs no program of the site.
Steps ours() {
    Steps steps;
    steps.cleanup = false;
    return steps;
}

Steps cleanup_alone() {
    Steps steps = no_steps();
    steps.cleanup = true;
    return steps;
}

/// The exit status.
int take(const config::ConfigurationPtr& configuration, const Steps& steps) {
    const auto reports = return_job::run_return_job(configuration, steps);
    if (!reports) {
        diag::warning(reports.error().detail());
        return try_again;
    }
    const bool failed = std::any_of(reports->begin(), reports->end(), [](const auto& report) {
        return report.outcome == return_job::Outcome::failed;
    });
    return failed ? some_failed : 0;
}

int take_confined(const config::ConfigurationPtr& configuration, const Steps& steps) {
    if (auto held = enqueue::contain(*configuration, "return"); !held) {
        diag::warning(held.error().detail());
        return try_again;
    }
    return take(configuration, steps);
}

/// daily_cleanup of the site needs rights that nothing else here does: so all else is done by
/// another process, which ends with this one.
int take_all(const config::ConfigurationPtr& configuration) {
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) {
        diag::warning(Error::from_errno(errno, "fork").detail());
        return try_again;
    }
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        return ::getppid() == parent ? take_confined(configuration, ours()) : try_again;
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return try_again;
    }
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : some_failed;
    if (code == try_again) return code;
    return std::max(code, take(configuration, cleanup_alone()));
}

int complain(const char* ident, const Error& error) {
    std::fprintf(stderr, "%%RETURN-F-%s, %s\n", ident, error.detail().c_str());
    return configuration_error;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view wanted = argc == 2 ? argv[1] : "";
    if (argc > 1 && wanted != "interrupted" && wanted != "held") {
        std::fprintf(stderr, "usage: %s [interrupted | held]\n", argv[0]);
        return usage_error;
    }
    const auto path = config::tailor_path_from_environment();
    if (!path) return complain("NOTAILOR", path.error());
    const auto configuration = config::load_published(*path);
    if (!configuration) return complain("CONFIG", configuration.error());
    const std::string& user = (*configuration)->tailor.text(config::TailorEntry::user);
    if (auto dropped = give_up_root(user, *path); !dropped)
        return complain("ROOT", dropped.error());
    if (wanted == "held") return take_confined(*configuration, held_alone());
    if (wanted.empty()) return take_all(*configuration);
    if (auto held = enqueue::contain(**configuration, "return"); !held) {
        diag::warning(held.error().detail());
        return try_again;
    }
    return_job::finish_interrupted_rollovers(**configuration);
    return 0;
}
