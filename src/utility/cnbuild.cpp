// imsimta cnbuild: check the configuration and publish it as an image.
#include <cstdio>

#include "base/file.h"
#include "config/configuration.h"
#include "config/image.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "CNBUILD";

void report(Console& console, const Diagnostics& diagnostics) {
    for (const Diagnostic& finding : diagnostics.items()) console.explain(finding.to_string());
}

void say_what_was_read(Console& console, const config::Configuration& c) {
    console.info(
        facility, "READ",
        std::to_string(c.imta.rules.rules().size()) + " rewrite rules, " +
            std::to_string(c.imta.channels.size()) + " channels, " +
            std::to_string(c.aliases.size()) + " aliases"
    );
}

ExitCode remove_image(Console& console, const std::string& path) {
    if (std::remove(path.c_str()) != 0 && file_exists(path)) {
        console.error(facility, "NOTREMOVED", "cannot remove " + path);
        return ExitCode::failed;
    }
    console.success(facility, "REMOVED", "programs that start from now on read the texts");
    return ExitCode::done;
}

ExitCode publish(Console& console, const std::string& path, const config::DiskFiles& files) {
    if (auto made = make_directories(directory_of(path)); !made) {
        console.error(facility, "NOTWRITTEN", made.error().detail());
        return ExitCode::failed;
    }
    const auto generation = config::publish_image(path, files.seen(), system_clock().wall_now());
    if (!generation) {
        console.error(facility, "NOTWRITTEN", generation.error().detail());
        return ExitCode::failed;
    }
    std::string number = std::to_string(*generation);
    if (number.size() < 8) number.insert(0, 8 - number.size(), '0');
    console.success(
        facility, "WRITTEN",
        "generation " + number + ", " + std::to_string(files.seen().size()) + " files, " + path
    );
    return ExitCode::done;
}

ExitCode run(Invocation& invocation) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const std::string image(
        line.value("image_file")
            .value_or(invocation.instance()->tailor.path(config::TailorEntry::config_data))
    );
    if (line.has("remove")) return remove_image(console, image);
    if (line.has("resize_tables") || line.has("maximum")) {
        console.info(facility, "DYNAMIC", "table sizes are not fixed");
    }
    config::DiskFiles files;
    Diagnostics diagnostics;
    const auto configuration =
        config::load_configuration(invocation.instance()->tailor.file(), files, diagnostics);
    if (configuration) config::report_unhonoured(*configuration, diagnostics);
    report(console, diagnostics);
    if (!configuration) {
        console.error(
            facility, "ERRORS",
            std::to_string(diagnostics.error_count()) + " errors; what is published stays as it is"
        );
        return ExitCode::configuration;
    }
    if (line.has("statistics") || line.has("sizes")) say_what_was_read(console, *configuration);
    if (line.is_negated("image_file")) {
        console.success(facility, "CHECKED", "the configuration is good; nothing was published");
        return ExitCode::done;
    }
    return publish(console, image, files);
}

constexpr Switch switches[] = {
    {"image_file", Switch::Value::negatable, "where to publish; -noimage_file only checks"},
    {"statistics", Switch::Value::none, "say how much was read"},
    {"sizes", Switch::Value::none, "same"},
    {"resize_tables", Switch::Value::none, "accepted; tables grow by themselves"},
    {"maximum", Switch::Value::none, "accepted; tables grow by themselves"},
    {"remove", Switch::Value::none, "remove the published image"},
};

}  // namespace

const Command cnbuild_command = {
    .name = "cnbuild",
    .summary = "check the configuration and publish it",
    .parameters = "",
    .switches = switches,
    .run = run,
};

}  // namespace sluice::utility
