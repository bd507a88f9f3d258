#include "utility/tracked_logs.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "config/channel_options.h"
#include "config/log_options.h"
#include "config/option_file.h"
#include "log/rotation.h"

namespace sluice::utility {

namespace {

using config::TailorEntry;

void add_present(const std::string& path, std::vector<log_index::LogSource>& logs) {
    auto log = log_index::LogSource::open(path);
    if (log) logs.push_back(std::move(*log));
}

// Files that LOG_ROTATE_SIZE put aside are younger than what the rollovers before it left.
std::vector<log_index::LogSource> oldest_first(
    const std::string& cumulative, const std::string& yesterday, const std::string& current
) {
    std::vector<log_index::LogSource> logs;
    add_present(cumulative, logs);
    add_present(yesterday, logs);
    for (const std::string& rotated : log::rotated_files(current)) add_present(rotated, logs);
    add_present(current, logs);
    return logs;
}

LogFiles files_of(const Instance& instance) {
    const config::Tailor& tailor = instance.tailor;
    LogFiles files;
    files.of_instance = true;
    const std::string& directory = tailor.path(TailorEntry::log);
    const auto path = [&](TailorEntry entry) { return tailor.path(entry); };
    files.messages = oldest_first(
        path(TailorEntry::tertiary_log), path(TailorEntry::secondary_log),
        path(TailorEntry::primary_log)
    );
    files.connections = oldest_first(
        directory + "connection.log", directory + "connection.log_yesterday",
        directory + "connection.log_current"
    );
    files.index_directory = directory + "track_index";
    return files;
}

}  // namespace

Result<LogFiles> open_log_files(const std::vector<std::string>& names, const Instance* instance) {
    if (names.empty()) {
        if (instance != nullptr) return files_of(*instance);
        return Error::permanent(
            {5, 3, 5}, "no instance",
            "the environment variable IMTA_TAILOR does not name a tailor file; name the logs"
        );
    }
    LogFiles files;
    if (names.size() == 1 && names.front() == "-") {
        files.standard_input = true;
        return files;
    }
    for (const std::string& name : names) {
        auto log = log_index::LogSource::open(name);
        if (!log) return std::move(log).error();
        files.messages.push_back(std::move(*log));
    }
    return files;
}

void for_lines_of_input(Console& console, const std::function<bool(std::string_view)>& line) {
    while (const auto text = console.read_line("")) {
        if (!line(*text)) return;
    }
}

namespace {

// Files that the command line names, all of them beside mail.log: the instance's own, or copies.
bool are_in_log_directory(const std::vector<std::string>& names, const Instance* instance) {
    if (instance == nullptr || names.empty()) return false;
    namespace fs = std::filesystem;
    std::error_code problem;
    const fs::path log = fs::canonical(instance->tailor.path(TailorEntry::log), problem);
    if (problem) return false;
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        const fs::path file = fs::canonical(name, problem);
        return !problem && file.parent_path() == log;
    });
}

// Channels whose option file has a LOG_CONNECTION of its own: their entries have other fields.
void add_channel_options(const std::string& table, tracking::ExpectedOptions& expected) {
    constexpr std::string_view suffix = "_option";
    config::DiskFiles files;
    std::error_code problem;
    for (std::filesystem::directory_iterator entry(table, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        const std::string name = entry->path().filename().string();
        if (!name.ends_with(suffix) || name.size() == suffix.size()) continue;
        Diagnostics findings;  // cnbuild reports them
        const auto options = config::load_tcp_channel_options(files, entry->path(), findings);
        if (!options || !options->log_connection) continue;
        expected.channel_connection[name.substr(0, name.size() - suffix.size())] =
            static_cast<unsigned>(*options->log_connection);
    }
}

}  // namespace

std::optional<tracking::ReaderSettings> reader_settings(Invocation& invocation, bool of_instance) {
    tracking::ReaderSettings settings;
    settings.stamps.now = system_clock().wall_now();
    if (const auto file = invocation.line().value("option_file")) {
        config::DiskFiles files;
        Diagnostics findings;
        const auto options = config::load_options(files, std::string(*file), findings);
        if (findings.has_errors()) {
            for (const auto& finding : findings.items())
                invocation.console().explain(finding.to_string());
            return std::nullopt;
        }
        settings.expected = tracking::ExpectedOptions{config::transaction_log_options(options)};
    } else if (of_instance || are_in_log_directory(invocation.line().parameters(), invocation.instance())) {
        const Instance& instance = *invocation.instance();
        tracking::ExpectedOptions expected{config::transaction_log_options(instance.options)};
        add_channel_options(instance.tailor.path(TailorEntry::table), expected);
        settings.expected = std::move(expected);
    }
    return settings;
}

}  // namespace sluice::utility
