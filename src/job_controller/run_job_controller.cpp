#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/log.h"
#include "job_controller/job_controller.h"

// The program's body: signals around a JobController.
namespace sluice::job_controller {

namespace {

std::atomic<JobController*> running{nullptr};

void on_signal(int /*signal*/) {
    const int before = errno;
    if (JobController* controller = running.load()) controller->request_stop();
    errno = before;
}

}  // namespace

int run_job_controller(
    const JobControllerSettings& settings, SettingsSource source, std::function<void()> on_stopping
) {
    JobController controller(settings, std::move(source));
    controller.set_on_stopping(std::move(on_stopping));
    if (auto opened = controller.open(); !opened) {
        diag::warning("job controller not started: " + opened.error().to_debug_string());
        return 75;
    }
    running = &controller;
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
    auto ran = controller.run();
    // The handlers stay: a late signal finds nobody to stop.
    running = nullptr;
    if (ran) return 0;
    diag::warning("job controller failed: " + ran.error().to_debug_string());
    return 75;
}

}  // namespace sluice::job_controller
