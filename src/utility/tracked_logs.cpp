#include "utility/tracked_logs.h"

#include "base/file.h"
#include "config/option_file.h"

namespace sluice::utility {

namespace {

using config::OptionId;
using config::TailorEntry;

void add_present(const std::string& path, std::vector<log_index::LogSource>& logs) {
    auto log = log_index::LogSource::open(path);
    if (log) logs.push_back(std::move(*log));
}

LogFiles files_of(const Instance& instance) {
    const config::Tailor& tailor = instance.tailor;
    LogFiles files;
    files.of_instance = true;
    for (const TailorEntry entry :
         {TailorEntry::tertiary_log, TailorEntry::secondary_log, TailorEntry::primary_log})
        add_present(tailor.path(entry), files.messages);
    const std::string& directory = tailor.path(TailorEntry::log);
    for (const char* name :
         {"connection.log", "connection.log_yesterday", "connection.log_current"})
        add_present(directory + name, files.connections);
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

log::LogOptions log_options_of(const config::Options& options) {
    const auto mask = [&](OptionId id) { return static_cast<unsigned>(options.integer(id)); };
    const auto on = [&](OptionId id) { return options.integer(id) != 0; };
    log::LogOptions out;
    out.format = static_cast<int>(options.integer(OptionId::log_format));
    out.connection = mask(OptionId::log_connection);
    out.diagnostics = mask(OptionId::log_diagnostics);
    out.intermediate = mask(OptionId::log_intermediate);
    out.reason = mask(OptionId::log_reason);
    out.remote_mta = mask(OptionId::log_remote_mta);
    out.envelope_id = on(OptionId::log_envelope_id);
    out.filename = on(OptionId::log_filename);
    out.filter = on(OptionId::log_filter);
    out.message_id = on(OptionId::log_message_id);
    out.modifiers = on(OptionId::log_modifiers);
    out.node = on(OptionId::log_node);
    out.notary = on(OptionId::log_notary);
    out.priority = on(OptionId::log_priority);
    out.process = on(OptionId::log_process);
    out.queue_time = on(OptionId::log_queue_time);
    out.sensitivity = on(OptionId::log_sensitivity);
    out.username = on(OptionId::log_username);
    out.block_size = static_cast<std::uint64_t>(options.integer(OptionId::block_size));
    return out;
}

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
        settings.expected = log_options_of(options);
    } else if (of_instance) {
        settings.expected = log_options_of(invocation.instance()->options);
    }
    return settings;
}

}  // namespace sluice::utility
