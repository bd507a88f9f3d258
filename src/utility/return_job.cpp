// imsimta return_job: the nightly return job, by hand.
#include "return_job/return_job.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/log_versions.h"
#include "utility/json_line.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

using return_job::Outcome;

constexpr std::string_view facility = "RETURN";

return_job::Steps steps_of(const CommandLine& line) {
    return_job::Steps steps;
    steps.at_once = true;
    const bool chosen = line.has("age") || line.has("held") || line.has("rollover") ||
                        line.has("purge") || line.has("synchronise") || line.has("cleanup");
    const auto wanted = [&](std::string_view name) {
        return chosen ? line.has(name) : !line.is_negated(name);
    };
    steps.age = wanted("age");
    steps.held = wanted("held");
    steps.rollover = wanted("rollover");
    steps.purge = wanted("purge");
    steps.synchronise = wanted("synchronise");
    steps.cleanup = wanted("cleanup");
    return steps;
}

std::string_view word_of(Outcome outcome) {
    static constexpr std::string_view words[] = {"done", "skipped", "failed"};
    return words[static_cast<std::size_t>(outcome)];
}

void say(Console& console, const return_job::StepReport& report, bool json) {
    if (json) {
        JsonLine line;
        line.add("step", report.step)
            .add("outcome", word_of(report.outcome))
            .add("text", report.text);
        console.line(line.to_string());
        return;
    }
    const std::string ident = to_upper(report.step);
    switch (report.outcome) {
        case Outcome::done:
            return console.success(facility, ident, report.text);
        case Outcome::skipped:
            return console.info(facility, ident, report.text);
        case Outcome::failed:
            return console.error(facility, ident, report.text);
    }
}

ExitCode run(Invocation& invocation) {
    Console& console = invocation.console();
    const auto fail = [&](std::string_view ident, const Error& error, ExitCode code) {
        console.error(facility, ident, error.detail());
        return code;
    };
    const config::Tailor& tailor = invocation.instance()->tailor;
    const auto configuration = config::load_published(tailor.file());
    if (!configuration) return fail("CONFIG", configuration.error(), ExitCode::configuration);
    // The program that the job controller starts has its log as standard error; here that is the
    // operator's terminal.
    auto log = create_log_version(
        tailor.path(config::TailorEntry::log) + std::string(return_job::log_name),
        config::log_versions_kept(tailor)
    );
    if (!log) return fail("NOLOG", log.error(), ExitCode::failed);
    diag::open_log(log->path);
    const auto reports = return_job::run_return_job(*configuration, steps_of(invocation.line()));
    if (!reports) return fail("NOTRUN", reports.error(), ExitCode::failed);
    unsigned long failed = 0;
    for (const return_job::StepReport& report : *reports) {
        say(console, report, invocation.line().has("json"));
        if (report.outcome == Outcome::failed) ++failed;
    }
    return exit_code_for(reports->size() - failed, failed);
}

constexpr Switch switches[] = {
    {"age", Switch::Value::none, "return what is too old, warn who waits long"},
    {"held", Switch::Value::none, "tell the postmaster which messages are held"},
    {"rollover", Switch::Value::none, "roll the transaction logs over"},
    {"purge", Switch::Value::none, "remove old component logs"},
    {"synchronise", Switch::Value::none, "have the job controller read the queue directories"},
    {"cleanup", Switch::Value::none, "run daily_cleanup of the site"},
    {"json", Switch::Value::none, "one JSON object for each step"},
};

}  // namespace

const Command return_job_command = {
    .name = "return_job",
    .summary = "run the nightly return job now",
    .parameters = "",
    .switches = switches,
    .run = run,
};

}  // namespace sluice::utility
