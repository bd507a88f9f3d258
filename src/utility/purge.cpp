// imsimta purge: removes old versions of component logs.
#include <algorithm>

#include "base/bytes.h"
#include "base/log_versions.h"
#include "utility/json_line.h"
#include "utility/log_files.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "IMTA";

struct Wanted {
    std::string directory;
    std::string pattern = "*";
    PurgeRule rule;
};

/// nullopt after saying what is wrong.
std::optional<Wanted> read_command(Invocation& invocation) {
    const CommandLine& line = invocation.line();
    const config::Tailor& tailor = invocation.instance()->tailor;
    Wanted wanted{tailor.path(config::TailorEntry::log), "*", {}};
    if (!line.parameters().empty()) {
        const LogPattern named = log_pattern(line.parameters().front(), wanted.directory);
        wanted.directory = named.directory;
        wanted.pattern = named.name;
    }
    constexpr std::uint64_t most = 1'000'000;
    for (const std::string_view name : {"num", "day", "hour"}) {
        if (!line.has(name)) continue;
        const auto number = parse_unsigned(line.value(name).value_or(""));
        if (!number || *number > most) {
            invocation.console().error(
                facility, "VALUE", '-' + std::string(name) + " needs a number"
            );
            return std::nullopt;
        }
        const auto count = static_cast<std::int64_t>(*number);
        if (name == "num") {
            wanted.rule.newest = *number;
        } else {
            const auto age =
                name == "day" ? std::chrono::hours(24 * count) : std::chrono::hours(count);
            const WallTime since = system_clock().wall_now() - age;
            wanted.rule.since = std::min(wanted.rule.since.value_or(since), since);
        }
    }
    if (!wanted.rule.newest && !wanted.rule.since) {
        // IMTA_VERSION_LIMIT, where 0 keeps all.
        const std::size_t limit = config::log_versions_kept(tailor);
        wanted.rule.newest = limit == 0 ? most : limit;
    }
    return wanted;
}

ExitCode purge(Invocation& invocation) {
    Console& console = invocation.console();
    const auto wanted = read_command(invocation);
    if (!wanted) return ExitCode::usage;
    auto versions = list_log_versions(wanted->directory);
    if (!versions) {
        console.error(facility, "NOTREAD", versions.error().detail());
        return ExitCode::failed;
    }
    std::uint64_t removed = 0;
    std::uint64_t in_use = 0;
    std::uint64_t failed = 0;
    for (const LogVersion& version :
         versions_to_purge(std::move(*versions), wanted->pattern, wanted->rule)) {
        const auto gone = remove_unused_version(wanted->directory, version);
        if (!gone) {
            console.error(facility, "NOTPURGED", gone.error().detail());
            ++failed;
        } else {
            ++(*gone ? removed : in_use);
        }
    }
    if (invocation.line().has("json")) {
        JsonLine json;
        json.add("removed", removed).add("in_use", in_use).add("failed", failed);
        console.line(json.to_string());
    } else {
        std::string text = std::to_string(removed) + " old logs removed";
        if (in_use > 0) text += ", " + std::to_string(in_use) + " are still written";
        console.success(facility, "PURGED", std::move(text));
    }
    return exit_code_for(removed, failed);
}

constexpr Switch switches[] = {
    {"num", Switch::Value::required, "keep the newest so many of each log"},
    {"day", Switch::Value::required, "keep those of the last so many days"},
    {"hour", Switch::Value::required, "keep those of the last so many hours"},
    {"json", Switch::Value::none, "one JSON object"},
};

}  // namespace

const Command purge_command = {
    .name = "purge",
    .summary = "remove old versions of component logs",
    .parameters = "[pattern]",
    .switches = switches,
    .most_parameters = 1,
    .run = purge,
};

}  // namespace sluice::utility
