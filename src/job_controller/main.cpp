// The job controller's program: configuration in, run_job_controller() out.
#include <unistd.h>

#include <cstdio>

#include "base/file.h"
#include "base/log.h"
#include "base/privilege.h"
#include "enqueue/contain.h"
#include "job_controller/job_controller.h"
#include "job_controller/job_starter.h"
#include "job_controller/queue_events.h"
#include "job_controller/trust.h"

namespace {

using namespace sluice;

std::vector<std::string> own_environment() {
    std::vector<std::string> all;
    for (char** variable = ::environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
    return all;
}

/// Jobs keep theirs: job_starter, which is there before, starts them.
Result<void> give_up_rights(const config::Configuration& configuration) {
    return enqueue::contain(configuration, "job_controller", [&configuration] {
        return job_controller::use_job_starter(
            configuration.tailor.path(config::TailorEntry::bin) + "job_starter", own_environment()
        );
    });
}

}  // namespace

int main() {
    const auto complain = [](const char* ident, const Error& error) {
        std::fprintf(stderr, "%%JBC-F-%s, %s\n", ident, error.detail().c_str());
        return 7;
    };
    const auto path = config::tailor_path_from_environment();
    if (!path) return complain("NOTAILOR", path.error());
    const auto configuration = config::load_published(*path);
    if (!configuration) return complain("CONFIG", configuration.error());
    const config::Tailor& tailor = (*configuration)->tailor;
    if (auto dropped = give_up_root(tailor.text(config::TailorEntry::user), *path); !dropped) {
        return complain("ROOT", dropped.error());
    }
    const auto settings = job_controller::trusted_settings_from(**configuration);
    if (!settings) return complain("CONFIG", settings.error());
    diag::open_log_version(
        tailor.path(config::TailorEntry::log) + "job_controller.log",
        config::log_versions_kept(tailor)
    );
    if (auto held = give_up_rights(**configuration); !held) {
        diag::warning(held.error().detail());
        return 75;
    }
    const std::string pid_file = tailor.path(config::TailorEntry::run) + "job_controller.pid";
    if (auto written = replace_file(pid_file, std::to_string(::getpid()) + '\n'); !written) {
        diag::fatal(written.error().detail());
    }
    job_controller::QueueEvents events(*configuration);
    events.begun();
    const int status = job_controller::run_job_controller(
        *settings,
        [tailor_path = *path, &events]() -> Result<job_controller::NextSettings> {
            const auto fresh = config::load_published(tailor_path);
            if (!fresh) return fresh.error();
            if (const auto why = enqueue::outgrows_rights(**fresh))
                diag::warning(*why + ": until the next start");
            auto next = job_controller::trusted_settings_from(**fresh);
            if (!next) return std::move(next).error();
            events.take(*fresh);
            return job_controller::NextSettings{std::move(*next), (*fresh)->generation};
        },
        [&events] { events.stopping(); }
    );
    events.stopped();
    ::unlink(pid_file.c_str());
    return status;
}
