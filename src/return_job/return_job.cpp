#include "return_job/return_job.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "base/log_versions.h"
#include "base/trusted_file.h"
#include "dequeue/ageing.h"
#include "dequeue/held_notice.h"
#include "enqueue/runtime.h"
#include "jobs/control_client.h"
#include "return_job/run_counter.h"
#include "return_job/site_program.h"
#include "return_job/turn.h"
#include "rollover/rollover.h"

namespace sluice::return_job {

namespace {

using config::OptionId;
using config::TailorEntry;

/// Patience with a busy job controller.
constexpr std::chrono::seconds answer_within{30};

StepReport done(std::string_view step, std::string text) {
    return {step, Outcome::done, std::move(text)};
}
StepReport skipped(std::string_view step, std::string text) {
    return {step, Outcome::skipped, std::move(text)};
}
StepReport failed(std::string_view step, std::string text) {
    return {step, Outcome::failed, std::move(text)};
}

rollover::LogTriple message_files(const config::Tailor& tailor) {
    return {
        tailor.path(TailorEntry::primary_log), tailor.path(TailorEntry::secondary_log),
        tailor.path(TailorEntry::tertiary_log)};
}
rollover::LogTriple connection_files(const config::Tailor& tailor) {
    const std::string log = tailor.path(TailorEntry::log) + "connection.log";
    return {log + "_current", log + "_yesterday", log};
}

bool is_held_alone(const Steps& steps) {
    return steps.at_once && !steps.age && !steps.rollover && !steps.purge && !steps.synchronise &&
           !steps.cleanup;
}

class ReturnJob {
public:
    /// `turn`: null where no step needs it.
    ReturnJob(
        config::ConfigurationPtr configuration,
        const std::string& lock_file,
        rollover::RolloverTurn* turn
    )
        : snapshot_(std::move(configuration)),
          configuration_(*snapshot_),
          tailor_(configuration_.tailor),
          lock_file_(lock_file),
          turn_(turn) {}

    std::vector<StepReport> run(const Steps& steps) {
        if (!steps.at_once) {
            const auto number = count_run(tailor_.path(TailorEntry::run) + "return_job.count");
            if (number)
                run_ = *number;
            else
                diag::warning(number.error().detail());
        }
        if (steps.age && is_turn("age", TailorEntry::return_period)) age();
        if (steps.held) report_held();
        if (steps.rollover && is_turn("rollover", TailorEntry::return_split_period)) {
            roll("mail.log", message_files(tailor_));
            kill_point("return_job.mail_log");
            roll("connection.log", connection_files(tailor_));
        }
        if (steps.purge && is_turn("purge", TailorEntry::version_limit_period)) purge();
        if (steps.synchronise && is_turn("synchronise", TailorEntry::return_synch_period))
            synchronise();
        if (steps.cleanup) clean_up();
        return std::move(reports_);
    }

private:
    /// Without a number of this run everything is due.
    bool is_turn(std::string_view step, TailorEntry period) {
        if (!run_ || is_due(*run_, tailor_.number(period))) return true;
        add(skipped(
            step, "not in run " + std::to_string(*run_) + ": " +
                      std::string(config::Tailor::name_of(period)) + " is " +
                      std::to_string(tailor_.number(period))
        ));
        return false;
    }

    void add(StepReport report) {
        const std::string text = std::string(report.step) + ": " + report.text;
        switch (report.outcome) {
            case Outcome::done:
                diag::info(text);
                break;
            case Outcome::skipped:
                diag::debug(text);
                break;
            case Outcome::failed:
                diag::warning(text);
                break;
        }
        reports_.push_back(std::move(report));
    }

    void report_held() {
        log::WriterLock lock(lock_file_);
        if (const auto taken = lock.try_lock_exclusive(held_lock_byte); !taken) {
            const bool by_another = is_taken(taken.error());
            add(by_another ? skipped("held", "another program is at it")
                           : failed("held", taken.error().detail()));
            return;
        }
        auto runtime = enqueue::Runtime::open(snapshot_);
        if (!runtime) {
            add(failed("held", runtime.error().detail()));
            return;
        }
        const auto report = dequeue::report_held_messages(**runtime);
        if (!report) {
            add(failed("held", report.error().detail()));
        } else if (report->held == 0) {
            add(skipped("held", "no message is held"));
        } else {
            const std::string text = std::to_string(report->held) + " messages are held";
            add(done("held", text + (report->told ? ", the postmaster is told" : "")));
        }
    }

    /// With RETURN_DEBUG every decision is a line of its own.
    void age() {
        auto runtime = enqueue::Runtime::open(snapshot_);
        if (!runtime) {
            add(failed("age", runtime.error().detail()));
            return;
        }
        const auto report = dequeue::age_queue(**runtime, [](std::string_view line) {
            diag::debug("age: " + std::string(line));
        });
        if (!report) {
            add(failed("age", report.error().detail()));
            return;
        }
        std::string text = std::to_string(report->messages) + " messages looked at, " +
                           std::to_string(report->acted_on) + " returned or their senders warned";
        if (report->busy > 0) text += ", " + std::to_string(report->busy) + " in use";
        if (report->unreadable > 0)
            text += ", " + std::to_string(report->unreadable) + " not readable";
        add(done("age", std::move(text)));
    }

    void roll(const std::string& name, const rollover::LogTriple& files) {
        const bool is_separate = configuration_.options.boolean(OptionId::separate_connection_log);
        if (name == "connection.log" && !is_separate && !rollover::has_anything(files)) {
            add(skipped("rollover", "there is no connection.log"));
            return;
        }
        if (configuration_.options.integer(OptionId::log_rotate_size) > 0) {
            add(skipped("rollover", name + ": LOG_ROTATE_SIZE changes it"));
            return;
        }
        const auto report = rollover::roll_over(files, *turn_);
        if (!report) {
            add(failed("rollover", name + ": " + report.error().detail()));
            return;
        }
        std::string text = name + ": " + std::to_string(report->appended_bytes) + " bytes added, " +
                           std::to_string(report->rolled_bytes) + " bytes are yesterday's";
        if (report->recovered) text += "; an interrupted rollover was finished";
        add(done("rollover", std::move(text)));
    }

    void purge() {
        const std::size_t limit = config::log_versions_kept(tailor_);
        if (limit == 0) {
            add(skipped("purge", "IMTA_VERSION_LIMIT is 0"));
            return;
        }
        const auto removed = remove_surplus_versions(tailor_.path(TailorEntry::log), limit);
        if (removed) {
            add(done("purge", std::to_string(*removed) + " old component logs removed"));
        } else {
            add(failed("purge", removed.error().detail()));
        }
    }

    void synchronise() {
        auto controller = jobs::ControlClient::connect(
            enqueue::job_controller_socket(configuration_), answer_within
        );
        if (!controller) {
            // It reads the directories when it starts.
            add(skipped("synchronise", "no job controller: " + controller.error().detail()));
            return;
        }
        const auto channels = controller->sync();
        if (channels) {
            add(done(
                "synchronise",
                "the directories of " + std::to_string(*channels) + " channels are being read"
            ));
        } else {
            add(failed("synchronise", channels.error().detail()));
        }
    }

    void clean_up() {
        const std::string path = tailor_.path(TailorEntry::bin) + "daily_cleanup";
        if (!file_exists(path)) {
            add(skipped("cleanup", "there is no " + path));
            return;
        }
        if (const std::string why = distrust_of(path); !why.empty()) {
            add(failed("cleanup", path + " is not run: " + why));
            return;
        }
        if (::access(path.c_str(), X_OK) != 0) {
            add(failed("cleanup", path + " is not run: it is not executable"));
            return;
        }
        diag::info("cleanup: " + path);
        const auto end = run_site_program(cleanup_program(path), [](std::string_view line) {
            diag::info("daily_cleanup: " + std::string(line));
        });
        if (!end) {
            add(failed("cleanup", end.error().detail()));
            return;
        }
        if (end->dropped_bytes > 0)
            diag::warning(std::to_string(end->dropped_bytes) + " bytes of its output are not kept");
        add(end->clean ? done("cleanup", end->text) : failed("cleanup", path + ": " + end->text));
    }

    SiteProgram cleanup_program(const std::string& path) const {
        SiteProgram program;
        program.path = path;
        program.directory = tailor_.path(TailorEntry::log);
        program.limit = configuration_.options.duration(OptionId::daily_cleanup_limit);
        program.environment.push_back("IMTA_TAILOR=" + tailor_.file());
        for (const TailorEntry entry :
             {TailorEntry::root, TailorEntry::table, TailorEntry::bin, TailorEntry::queue,
              TailorEntry::log, TailorEntry::store, TailorEntry::tmp}) {
            program.environment.push_back(
                std::string(config::Tailor::name_of(entry)) + '=' + tailor_.path(entry)
            );
        }
        program.environment.push_back("HOME=" + tailor_.path(TailorEntry::root));
        for (const char* name : {"PATH", "TZ", "LANG"}) {
            // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread, nothing changes the environment
            if (const char* value = std::getenv(name))
                program.environment.push_back(std::string(name) + '=' + value);
        }
        return program;
    }

    config::ConfigurationPtr snapshot_;
    const config::Configuration& configuration_;
    const config::Tailor& tailor_;
    const std::string& lock_file_;
    rollover::RolloverTurn* turn_;
    std::optional<std::uint64_t> run_;
    std::vector<StepReport> reports_;
};

}  // namespace

bool has_interrupted_rollovers(const config::Configuration& configuration) {
    return file_exists(message_files(configuration.tailor).journal()) ||
           file_exists(connection_files(configuration.tailor).journal());
}

void finish_interrupted_rollovers(const config::Configuration& configuration) {
    for (const auto& files :
         {message_files(configuration.tailor), connection_files(configuration.tailor)}) {
        if (!file_exists(files.journal())) continue;
        auto turn = rollover::RolloverTurn::take(enqueue::log_settings_of(configuration).lock_file);
        if (!turn) return;  // a return job is at it
        const auto report = rollover::finish_interrupted(files, *turn);
        if (!report)
            diag::warning(files.journal() + ": " + report.error().detail());
        else if (report->recovered)
            diag::info(files.cumulative + ": an interrupted rollover was finished");
    }
}

Result<std::vector<StepReport>> run_return_job(
    const config::ConfigurationPtr& configuration, const Steps& steps
) {
    const bool debug = configuration->options.integer(OptionId::return_debug) != 0;
    diag::set_level(debug ? diag::Level::debug : diag::Level::info);
    const std::string lock_file = enqueue::log_settings_of(*configuration).lock_file;
    if (is_held_alone(steps)) return ReturnJob(configuration, lock_file, nullptr).run(steps);
    auto turn = steps.at_once ? Turn::take(lock_file) : Turn::wait_for_one_a_night(lock_file);
    if (!turn) return std::move(turn).error();
    return ReturnJob(configuration, lock_file, &turn->of_the_logs()).run(steps);
}

}  // namespace sluice::return_job
