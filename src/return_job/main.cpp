// return: the nightly return job (docs/man/return.8). Its log is standard error, which the job
// controller leads into return.log.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/log.h"
#include "base/privilege.h"
#include "return_job/return_job.h"

namespace {

/// What the job controller has done every hour.
sluice::return_job::Steps held_alone() {
    sluice::return_job::Steps steps;
    steps.at_once = true;
    steps.age = steps.rollover = steps.purge = steps.synchronise = steps.cleanup = false;
    return steps;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace sluice;
    using return_job::Steps;
    constexpr int configuration_error = 7;
    constexpr int try_again = 75;
    const auto complain = [](const char* ident, const Error& error) {
        std::fprintf(stderr, "%%RETURN-F-%s, %s\n", ident, error.detail().c_str());
        return configuration_error;
    };
    const std::string_view wanted = argc == 2 ? argv[1] : "";
    if (argc > 1 && wanted != "interrupted" && wanted != "held") {
        std::fprintf(stderr, "usage: %s [interrupted | held]\n", argv[0]);
        return 2;
    }
    const auto path = config::tailor_path_from_environment();
    if (!path) return complain("NOTAILOR", path.error());
    const auto configuration = config::load_published(*path);
    if (!configuration) return complain("CONFIG", configuration.error());
    const std::string& user = (*configuration)->tailor.text(config::TailorEntry::user);
    if (auto dropped = give_up_root(user, *path); !dropped)
        return complain("ROOT", dropped.error());
    if (wanted == "interrupted") {
        return_job::finish_interrupted_rollovers(**configuration);
        return 0;
    }
    const auto reports =
        return_job::run_return_job(*configuration, wanted == "held" ? held_alone() : Steps{});
    if (!reports) {
        diag::warning(reports.error().detail());
        return try_again;
    }
    const bool failed = std::any_of(reports->begin(), reports->end(), [](const auto& report) {
        return report.outcome == return_job::Outcome::failed;
    });
    return failed ? 1 : 0;
}
