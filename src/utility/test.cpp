// imsimta test: try addresses, mapping tables, patterns and example files.
#include "base/bytes.h"
#include "utility/test_faces.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

std::string value_of(const CommandLine& line, std::string_view name) {
    return std::string(line.value(name).value_or(""));
}

ExitCode run(Invocation& invocation) {
    struct Face {
        std::string_view name;
        ExitCode (*run)(Invocation&);
    };
    static constexpr Face faces[] = {
        {"rewrite", test_rewrite},
        {"mapping", test_mapping},
        {"match", test_match},
        {"cases", test_cases},
    };
    const Face* chosen = nullptr;
    for (const Face& face : faces) {
        if (!invocation.line().has(face.name)) continue;
        if (chosen != nullptr) {
            invocation.console().error(
                facility, "CONFLICT", "-rewrite, -mapping, -match and -cases exclude each other"
            );
            return ExitCode::usage;
        }
        chosen = &face;
    }
    if (chosen == nullptr) {
        invocation.console().error(
            facility, "MISSING", "say what to test: -rewrite, -mapping, -match or -cases"
        );
        return ExitCode::usage;
    }
    return chosen->run(invocation);
}

constexpr Switch switches[] = {
    {"rewrite", Switch::Value::none, "addresses: where they go and what becomes of them"},
    {"mapping", Switch::Value::none, "probes of a mapping table"},
    {"match", Switch::Value::none, "texts against a mapping pattern"},
    {"cases", Switch::Value::none, "files of examples, or directories of such"},
    {"imta_cnf", Switch::Value::required, "this file instead of the instance's imta.cnf"},
    {"configuration_file", Switch::Value::required, "same"},
    {"mapping_file", Switch::Value::required, "this file instead of the instance's mappings"},
    {"option_file", Switch::Value::required, "this file instead of the instance's option.dat"},
    {"alias_file", Switch::Value::required, "this file instead of the instance's aliases"},
    {"image_file", Switch::Value::none, "the published image (default); -no: the texts"},
    {"from", Switch::Value::negatable, "-rewrite: sender; -nofrom: the empty one"},
    {"source_channel", Switch::Value::required, "-rewrite: channel the message comes from (l)"},
    {"ip", Switch::Value::required, "-rewrite: address of the client"},
    {"table", Switch::Value::required, "-mapping: the table"},
    {"flags", Switch::Value::required, "-mapping: input flags"},
    {"pattern", Switch::Value::required, "-match: the pattern"},
    {"debug", Switch::Value::none, "every step, with file and line"},
    {"explain", Switch::Value::none, "same"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

config::ConfigurationPtr load_test_configuration(Invocation& invocation) {
    const CommandLine& line = invocation.line();
    Console& console = invocation.console();
    config::AddressFiles trial;
    trial.imta_cnf = value_of(line, "imta_cnf");
    if (trial.imta_cnf.empty()) trial.imta_cnf = value_of(line, "configuration_file");
    trial.mapping_file = value_of(line, "mapping_file");
    trial.option_file = value_of(line, "option_file");
    trial.alias_file = value_of(line, "alias_file");
    const Instance* instance = invocation.instance();
    const bool all_of_the_instance = trial.imta_cnf.empty() && trial.mapping_file.empty() &&
                                     trial.option_file.empty() && trial.alias_file.empty();
    if (instance != nullptr && all_of_the_instance && !line.is_negated("image_file")) {
        auto published = config::load_published(instance->tailor.file());
        if (published) return *published;
        console.error(facility, "BADCONFIG", published.error().detail());
        return nullptr;
    }
    config::DiskFiles files;
    Diagnostics diagnostics;
    const auto loaded = config::load_for_trial(
        instance == nullptr ? "" : instance->tailor.file(), trial, files, diagnostics
    );
    for (const Diagnostic& found : diagnostics.items()) console.explain(found.to_string());
    if (!loaded) {
        console.error(
            facility, "BADCONFIG",
            std::to_string(diagnostics.error_count()) + " errors in the configuration"
        );
    }
    return loaded;
}

ExitCode for_each_input(
    Invocation& invocation,
    std::string_view prompt,
    const std::function<ExitCode(const std::string& text)>& each
) {
    const auto& parameters = invocation.line().parameters();
    std::optional<ExitCode> best;
    const auto take = [&](const std::string& text) {
        const ExitCode code = each(text);
        if (!best || static_cast<int>(code) < static_cast<int>(*best)) best = code;
    };
    for (const std::string& text : parameters) take(text);
    if (parameters.empty()) {
        while (const auto text = invocation.console().read_line(prompt)) {
            if (!trim(*text).empty()) take(*text);
        }
    }
    return best.value_or(ExitCode::done);
}

void print_trace(Console& console, std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    for (const std::string_view line : split(text, '\n')) console.line("  " + printable(line));
}

const Command test_command = {
    .name = "test",
    .summary = "try addresses, mapping tables, patterns, examples",
    .parameters = "[address | probe | text | path ...]",
    .switches = switches,
    .most_parameters = any_number,
    .run = run,
};

}  // namespace sluice::utility
