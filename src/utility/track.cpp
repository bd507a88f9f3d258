// imsimta track: what became of a message.
#include <thread>

#include "base/bytes.h"
#include "log_index/finder.h"
#include "log_index/log_cursor.h"
#include "utility/track_follow.h"
#include "utility/track_request.h"
#include "utility/track_search.h"
#include "utility/tracked_logs.h"
#include "utility/utilities.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TRACK";

/// One run over logs that are open.
class Run {
public:
    Run(Invocation& invocation,
        TrackRequest request,
        LogFiles files,
        tracking::ReaderSettings settings)
        : console_(invocation.console()),
          request_(std::move(request)),
          files_(std::move(files)),
          reader_(std::move(settings)),
          printer_(console_, request_.view, reader_) {}

    /// With a follower it goes on until it is interrupted.
    ExitCode run(LogFollower* follower) {
        const bool selective = !question_of(request_.selection).texts.empty();
        if (request_.grouping == TrackGrouping::message && selective && !files_.standard_input)
            search();
        else if (follower == nullptr || !request_.selection.is_open())
            read_everything();
        printer_.finish();
        if (follower != nullptr && !files_.standard_input) return follow_logs(*follower);
        const bool named = !request_.selection.is_open();
        if (printer_.shown() > 0 || !named) return ExitCode::done;
        console_.error(facility, "NOTFOUND", "no line of the logs fits");
        return ExitCode::not_found;
    }

private:
    void search() {
        const auto store = open_store();
        std::vector<log_index::LogSource> logs = std::move(files_.messages);
        for (auto& log : files_.connections) logs.push_back(std::move(log));
        log_index::Finder finder(std::move(logs), store ? &*store : nullptr);
        MessageSearch search(finder, reader_, matches_wildcard);
        search.run(request_.selection, [&](tracking::Group&& group) { print(group); });
        known_ = search.known_keys();
        constexpr std::uint64_t worth_telling = 512UL << 20U;
        if (files_.of_instance && finder.uncovered() > worth_telling)
            console_.explain(
                "%TRACK-I-NOINDEX, " + std::to_string(finder.uncovered() >> 20U) +
                " MB were read without the index: imsimta track -index"
            );
    }

    void print(const tracking::Group& group) {
        printer_.show(group);
        console_.out().flush();
    }

    [[nodiscard]] bool is_in_time(std::string_view line) const {
        const auto& wanted = request_.selection;
        if (!wanted.since && !wanted.until) return true;
        const auto time = log_index::time_of_line(line, reader_.settings().stamps);
        return time && (!wanted.since || *time >= *wanted.since) &&
               (!wanted.until || *time <= *wanted.until);
    }

    void read_everything() {
        tracking::GrouperSettings settings;
        settings.by = request_.grouping == TrackGrouping::connection ? tracking::GroupBy::connection
                                                                     : tracking::GroupBy::message;
        settings.window = request_.window;
        tracking::Grouper grouper(settings, [&](tracking::Group&& group) {
            const bool open = request_.selection.is_open();
            if (open || group_matches(group, request_.selection, reader_, matches_wildcard))
                print(group);
        });
        tracking::Completion completion;
        for_lines([&](std::string_view line) {
            if (!is_in_time(line)) return;
            tracking::Record record = reader_.read(line);
            completion.complete(record);
            const bool alone = request_.grouping == TrackGrouping::none;
            if (!alone && grouper.add(record)) return;
            // A line that belongs to nothing is shown where all are, or where it was asked for.
            const bool asked = request_.selection.matches(record, matches_wildcard);
            const bool apart = alone || !request_.selection.is_open();
            if (asked && apart && !request_.view.summary) printer_.show_line(line);
        });
        grouper.finish();
    }

    void for_lines(const std::function<void(std::string_view)>& line) {
        const auto each = [&](std::string_view text) {
            line(text);
            return true;
        };
        if (files_.standard_input)
            for_lines_of_input(console_, each);
        else if (is_limited_in_time() && files_.connections.empty())
            for_lines_in_time(each);
        else
            log_index::merge_logs(
                {&files_.messages, &files_.connections}, reader_.settings().stamps, each
            );
    }

    [[nodiscard]] bool is_limited_in_time() const {
        return request_.selection.since || request_.selection.until;
    }
    // Only those parts of the logs that the index cannot rule out.
    void for_lines_in_time(const std::function<bool(std::string_view)>& line) {
        const auto store = open_store();
        log_index::Finder finder(std::move(files_.messages), store ? &*store : nullptr);
        log_index::Question question;
        question.since = request_.selection.since;
        question.until = request_.selection.until;
        finder.find(question, [&](const log_index::FoundLine& found) { return line(found.text); });
    }
    [[nodiscard]] Result<log_index::IndexStore> open_store() const {
        if (files_.index_directory.empty()) return Error::temporary({4, 3, 0}, "no index");
        return log_index::IndexStore::open(files_.index_directory, false);
    }

    ExitCode follow_logs(LogFollower& follower) {
        while (true) {
            follower.poll([&](std::string_view line) {
                const tracking::Record record = reader_.read(line);
                const auto keys = tracking::message_keys(record);
                bool wanted = request_.selection.matches(record, matches_wildcard);
                for (const auto& key : keys) wanted = wanted || known_.contains(key.id);
                if (!wanted) return;
                if (!request_.selection.is_open()) {
                    for (const auto& key : keys) {
                        if (!key.weak) known_.insert(key.id);
                    }
                }
                printer_.show_line(line);
            });
            console_.out().flush();
            if (!console_.out()) return ExitCode::failed;
            std::this_thread::sleep_for(std::chrono::milliseconds(250));
        }
    }

    Console& console_;
    TrackRequest request_;
    LogFiles files_;
    tracking::LineReader reader_;
    TrackPrinter printer_;
    std::unordered_set<std::string> known_;
};

ExitCode update(Invocation& invocation, LogFiles files) {
    Console& console = invocation.console();
    if (files.index_directory.empty()) {
        console.error(facility, "NOINSTANCE", "only the logs of an instance have an index");
        return ExitCode::usage;
    }
    auto store = log_index::IndexStore::open(files.index_directory, true);
    if (!store) {
        console.error(facility, "INDEX", store.error().detail());
        return ExitCode::failed;
    }
    std::vector<log_index::LogSource> logs = std::move(files.messages);
    for (auto& log : files.connections) logs.push_back(std::move(log));
    tracking::StampSettings stamps;
    stamps.now = system_clock().wall_now();
    const auto made = log_index::update_index(*store, logs, stamps, [] { return true; });
    if (!made) {
        console.error(facility, "INDEX", made.error().detail());
        return ExitCode::failed;
    }
    console.success(
        facility, "INDEXED",
        std::to_string(*made) + " segments added; the index has " +
            std::to_string(store->size() >> 20U) + " MB"
    );
    return ExitCode::done;
}

// The named logs, else those that the instance writes to.
std::vector<std::string> followed_paths(const Invocation& invocation) {
    const auto& named = invocation.line().parameters();
    if (!named.empty() || invocation.instance() == nullptr) return named;
    const config::Tailor& tailor = invocation.instance()->tailor;
    return {
        tailor.path(config::TailorEntry::primary_log),
        tailor.path(config::TailorEntry::log) + "connection.log_current"};
}

ExitCode run_track(Invocation& invocation) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    auto request = read_track_request(invocation);
    if (!request) return ExitCode::usage;
    // Opened first: what is written meanwhile is rather shown twice than not at all.
    std::optional<LogFollower> follower;
    if (line.has("follow")) follower.emplace(followed_paths(invocation));
    auto files = open_log_files(line.parameters(), invocation.instance());
    if (!files) {
        console.error(facility, "NOLOG", files.error().detail());
        return ExitCode::failed;
    }
    if (line.has("index")) return update(invocation, std::move(*files));
    const bool of_instance = files->of_instance;
    auto settings = reader_settings(invocation, of_instance);
    if (!settings) return ExitCode::configuration;
    Run run(invocation, std::move(*request), std::move(*files), std::move(*settings));
    return run.run(follower ? &*follower : nullptr);
}

constexpr Switch switches[] = {
    {"message_id", Switch::Value::required, "the message with this Message-ID"},
    {"envid", Switch::Value::required, "envelope id, qmail's number or Post.Office's id"},
    {"file", Switch::Value::required, "queue file, or the part of its name that stays"},
    {"from", Switch::Value::required, "envelope sender; * and ? are wildcards, <> is none"},
    {"to", Switch::Value::required, "recipient, as sent to or as delivered to"},
    {"host", Switch::Value::required, "name of the system it came from or went to"},
    {"client", Switch::Value::required, "IP address of the other side"},
    {"session", Switch::Value::required, "session number (LOG_SESSION)"},
    {"since", Switch::Value::required, "not before: age, or moment"},
    {"until", Switch::Value::required, "not after"},
    {"group", Switch::Value::required, "message (default), connection or none"},
    {"style", Switch::Value::required, "text (default), sun, qmail, postoffice or json"},
    {"format", Switch::Value::required, "the same as -style"},
    {"list", Switch::Value::none, "a line for each message"},
    {"summary", Switch::Value::none, "counts by day, channel and outcome"},
    {"follow", Switch::Value::none, "go on with what is written"},
    {"stamp", Switch::Value::required, "copy (default), local, utc or tai64n"},
    {"window", Switch::Value::required, "how long an open message is waited for (6d)"},
    {"option_file", Switch::Value::required, "the options that the named logs were written with"},
    {"index", Switch::Value::none, "bring the index up to date, and nothing else"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command track_command = {
    .name = "track",
    .summary = "find messages in the logs and tell what became of them",
    .parameters = "[file ...]",
    .switches = switches,
    .most_parameters = any_number,
    .run = run_track,
};

}  // namespace sluice::utility
