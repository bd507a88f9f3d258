// imsimta cnbuild: check the configuration and publish it as an image.
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "config/configuration.h"
#include "config/image.h"
#include "lint/lint.h"
#include "lint/silence.h"
#include "utility/case_reporter.h"
#include "utility/cnbuild_format.h"
#include "utility/json_line.h"
#include "utility/log_findings.h"
#include "utility/tls_findings.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "CNBUILD";

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

void show(Console& console, const lint::Finding& finding, bool json) {
    if (!json) return console.explain(finding.to_string());
    const Diagnostic& d = finding.diagnostic;
    JsonLine line;
    line.add("file", std::string(d.where.file_name()))
        .add("line", static_cast<std::uint64_t>(d.where.line))
        .add("column", static_cast<std::uint64_t>(d.where.column))
        .add("severity", d.severity == Severity::error ? "error" : "warning")
        .add("code", d.code)
        .add("text", d.text)
        .add("quoted", d.line)
        .add("hint", d.hint)
        .add("example", finding.example);
    console.line(line.to_string());
}

/// All findings about the configuration, of its readers and of the checker, less the silenced ones.
lint::Silenced examine(
    const Invocation& invocation,
    const config::Configuration* configuration,
    Diagnostics diagnostics,
    const config::DiskFiles& files
) {
    lint::Findings findings;
    if (configuration != nullptr) config::report_unhonoured(*configuration, diagnostics);
    for (const Diagnostic& one : diagnostics.items()) findings.add(one);
    if (configuration != nullptr) {
        lint::Findings found = lint::examine(*configuration);
        check_tls(*configuration, found);
        check_log_places(*configuration, found);
        for (lint::Finding& one : found.items()) findings.items().push_back(std::move(one));
    }
    return lint::silence(
        std::move(findings), files.seen(),
        lint::code_list(invocation.line().value("silence").value_or(""))
    );
}

/// Runs the examples in the directory cases/ beside imta.cnf, where there is one. False when the
/// configuration does not do what they say.
bool passes_cases(const Invocation& invocation, const config::Configuration& configuration) {
    Console& console = invocation.console();
    const std::string directory =
        directory_of(configuration.tailor.path(config::TailorEntry::config_file)) + "/cases";
    std::error_code error;
    if (!std::filesystem::is_directory(directory, error)) return true;
    const auto tables = cases::find_tables(directory);
    if (!tables) {
        console.error(facility, "NOCASES", tables.error().detail());
        return false;
    }
    CaseReporter reporter(console, {facility, invocation.line().has("json"), true}, &configuration);
    for (const std::string& table : *tables) reporter.run(table);
    const std::string count = std::to_string(reporter.passed()) + " passed, " +
                              std::to_string(reporter.failed()) + " failed, " + directory;
    if (reporter.failed() > 0) {
        console.error(facility, "CASES", count);
        return false;
    }
    if (!invocation.line().has("json")) console.info(facility, "CASES", count);
    return true;
}

ExitCode refuse(Console& console, std::string why) {
    console.error(facility, "ERRORS", std::move(why) + "; what is published stays as it is");
    return ExitCode::configuration;
}

void conclude(const Invocation& invocation, std::string_view ident, const std::string& text) {
    Console& console = invocation.console();
    if (!invocation.line().has("json")) return console.success(facility, ident, text);
    JsonLine line;
    line.add("result", to_lower(ident)).add("text", text);
    console.line(line.to_string());
}

ExitCode publish(
    const Invocation& invocation, const std::string& path, const config::DiskFiles& files
) {
    Console& console = invocation.console();
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
    conclude(
        invocation, "WRITTEN",
        "generation " + number + ", " + std::to_string(files.seen().size()) + " files, " + path
    );
    return ExitCode::done;
}

/// -option_file and -nooption_file: other options than the instance's, in the image as well. False
/// after a message: a file that is named must be there.
bool choose_options(const Invocation& invocation, config::DiskFiles& files) {
    const CommandLine& line = invocation.line();
    const auto other = line.value("option_file");
    if (!other && !line.is_negated("option_file")) return true;
    if (other && !file_exists(std::string(*other))) {
        invocation.console().error(facility, "NOFILE", "cannot read " + std::string(*other));
        return false;
    }
    const auto& own = invocation.instance()->tailor.path(config::TailorEntry::option_file);
    files.put_in_place(own, other ? std::optional(std::string(*other)) : std::nullopt);
    if (!line.has("json"))
        invocation.console().info(
            facility, "OPTIONS",
            other ? "options are those of " + std::string(*other)
                  : std::string("every option has its default")
        );
    return true;
}

ExitCode check_and_publish(Invocation& invocation, const std::string& image) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    config::DiskFiles files;
    if (!choose_options(invocation, files)) return ExitCode::not_found;
    Diagnostics diagnostics;
    const auto configuration =
        config::load_configuration(invocation.instance()->tailor.file(), files, diagnostics);
    const lint::Silenced result =
        examine(invocation, configuration.get(), std::move(diagnostics), files);
    for (const lint::Finding& finding : result.findings.items())
        show(console, finding, line.has("json"));
    if (result.count > 0 && !line.has("json"))
        console.info(facility, "SILENCED", std::to_string(result.count) + " findings silenced");
    const std::size_t errors = result.findings.error_count();
    if (configuration == nullptr || errors > 0)
        return refuse(console, std::to_string(errors) + " errors");
    if (!line.is_negated("cases") && !passes_cases(invocation, *configuration))
        return refuse(console, "the configuration does not do what its cases say");
    if (line.has("statistics") || line.has("sizes")) say_what_was_read(console, *configuration);
    if (line.is_negated("image_file")) {
        conclude(invocation, "CHECKED", "the configuration is good; nothing was published");
        return ExitCode::done;
    }
    return publish(invocation, image, files);
}

ExitCode run(Invocation& invocation) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    if (line.has("format")) return format_files(invocation);
    if (line.has("check") || !line.parameters().empty()) {
        console.error(facility, "CONFLICT", "files and -check go with -format");
        return ExitCode::usage;
    }
    const std::string image(
        line.value("image_file")
            .value_or(invocation.instance()->tailor.path(config::TailorEntry::config_data))
    );
    if (line.has("remove")) return remove_image(console, image);
    if (line.has("resize_tables") || line.has("maximum")) {
        console.info(facility, "DYNAMIC", "table sizes are not fixed");
    }
    return check_and_publish(invocation, image);
}

constexpr Switch switches[] = {
    {"image_file", Switch::Value::negatable, "where to publish; -noimage_file only checks"},
    {"option_file", Switch::Value::negatable,
     "options to publish with; -nooption_file: only defaults"},
    {"silence", Switch::Value::required, "codes of findings that are known: L003,W420"},
    {"cases", Switch::Value::none,
     "run the examples in cases/ (default); -nocases leaves them out"},
    {"json", Switch::Value::none, "one JSON object for each finding"},
    {"format", Switch::Value::optional,
     "align the columns of the files named: -format[=imta_cnf|=mappings]"},
    {"check", Switch::Value::none, "with -format: only say which files would change"},
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
    .parameters = "[file ...]",
    .switches = switches,
    .most_parameters = any_number,
    .run = run,
};

}  // namespace sluice::utility
