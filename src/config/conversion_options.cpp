#include "config/conversion_options.h"

#include <cerrno>

#include "base/bytes.h"
#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

using Options = ConversionOptions;

constexpr IntegerRange seconds_range{1, 86400};
constexpr IntegerRange size_range{1, 1 << 20};

const Field<Options> table[] = {
    {"COMMAND_CPU_TIME", &Options::command_cpu_time, seconds_range},
    {"COMMAND_DISK", &Options::command_disk, size_range},
    {"COMMAND_FILE_SIZE", &Options::command_file_size, size_range},
    {"COMMAND_MEMORY", &Options::command_memory, {16, 1 << 20}},
    {"COMMAND_NETWORK", &Options::command_network},
    {"COMMAND_OPEN_FILES", &Options::command_open_files, {16, 65536}},
    {"COMMAND_PROCESSES", &Options::command_processes, {1, 4096}},
    {"COMMAND_STRICT", &Options::command_strict},
    {"COMMAND_TIMEOUT", &Options::command_timeout, seconds_range},
    {"MAX_CLIENT_THREADS", &Options::max_client_threads, {1, 100}},
};
constexpr std::string_view limit_action = "COMMAND_LIMIT_ACTION";
constexpr std::string_view readable = "COMMAND_READ";
constexpr std::string_view writable = "COMMAND_WRITE";

void take_paths(const Setting& setting, std::vector<std::string>& paths, Diagnostics& diagnostics) {
    paths.clear();
    for (const std::string_view path : split(setting.value, ',')) {
        if (trim(path).empty()) continue;
        if (!trim(path).starts_with('/'))
            return report_malformed(setting, "complete paths between commas", diagnostics);
        paths.emplace_back(trim(path));
    }
}

void take(const Setting& setting, Options& options, Diagnostics& diagnostics) {
    if (const auto* field = find_field(table, setting.name))
        return assign(*field, setting, options, diagnostics);
    if (equals_ignoring_case(setting.name, limit_action)) {
        const bool hold = equals_ignoring_case(setting.value, "hold");
        if (!hold && !equals_ignoring_case(setting.value, "retry"))
            return report_malformed(setting, "RETRY or HOLD", diagnostics);
        options.limit_action = hold ? LimitAction::hold : LimitAction::retry;
        return;
    }
    if (equals_ignoring_case(setting.name, readable))
        return take_paths(setting, options.command_read, diagnostics);
    if (equals_ignoring_case(setting.name, writable))
        return take_paths(setting, options.command_write, diagnostics);
    report_unknown(setting, "channel option", conversion_option_names(), diagnostics);
}

}  // namespace

const std::vector<std::string_view>& conversion_option_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all{limit_action, readable, writable};
        for (const auto& field : table) all.push_back(field.name);
        return all;
    }();
    return names;
}

ConversionOptions parse_conversion_options(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
) {
    const auto file = parse_option_file(text, file_name, OptionDialect{}, diagnostics);
    ConversionOptions options;
    for (const Setting& setting : file.globals().settings) take(setting, options, diagnostics);
    return options;
}

Result<ConversionOptions> load_conversion_options(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (text) return parse_conversion_options(*text, path, diagnostics);
    if (text.error().error_number() == ENOENT) return ConversionOptions{};
    return text.error();
}

}  // namespace sluice::config
