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

/// Switches that one face alone knows, or two.
struct OwnSwitch {
    std::string_view name;
    std::string_view face;
    std::string_view also = {};
};
constexpr OwnSwitch own_switches[] = {
    {"from", "rewrite"},
    {"source_channel", "rewrite", "smtp"},
    {"ip", "rewrite", "smtp"},
    {"destination_channel", "rewrite"},
    {"port", "rewrite", "smtp"},
    {"client_name", "rewrite", "smtp"},
    {"helo", "rewrite"},
    {"ehlo", "rewrite"},
    {"tls", "rewrite", "smtp"},
    {"auth", "rewrite", "smtp"},
    {"lmtp", "rewrite", "smtp"},
    {"orcpt", "rewrite"},
    {"channel", "rewrite"},
    {"delivery_receipt", "rewrite"},
    {"alias_file", "rewrite"},
    {"check_expansions", "rewrite"},
    {"database", "rewrite", "smtp"},
    {"filter", "rewrite"},
    {"sender", "rewrite", "smtp"},
    {"local_alias", "rewrite"},
    {"reprocess", "rewrite"},
    {"read_receipt", "rewrite"},
    {"restricted", "rewrite"},
    {"source", "smtp"},
    {"script", "smtp"},
    {"table", "mapping"},
    {"flags", "mapping"},
    {"pattern", "match"},
    {"conversions_file", "conversion"},
    {"execute", "conversion"},
    {"in_channel", "conversion"},
    {"out_channel", "conversion"},
    {"result", "conversion"},
    {"tag", "conversion"},
};

/// Says so and returns false where the line has a switch that means nothing for the face: what is
/// not obeyed must not look as if it were.
bool check_switches(Invocation& invocation, std::string_view face) {
    const CommandLine& line = invocation.line();
    for (const OwnSwitch& own : own_switches) {
        const bool given = line.has(own.name) || line.is_negated(own.name);
        if (!given || own.face == face || own.also == face) continue;
        invocation.console().error(
            facility, "CONFLICT",
            "-" + std::string(own.name) + " has a meaning with -" + std::string(own.face) +
                (own.also.empty() ? "" : " and -" + std::string(own.also)) + " only"
        );
        return false;
    }
    if (line.has("input") && face == "cases") {
        invocation.console().error(facility, "CONFLICT", "-input has no meaning with -cases");
        return false;
    }
    if (line.value("image_file")) {
        for (const std::string_view name :
             {"imta_cnf", "configuration_file", "mapping_file", "option_file", "alias_file"}) {
            if (!line.has(name) && !line.is_negated(name)) continue;
            invocation.console().error(
                facility, "CONFLICT",
                "-image_file=" + value_of(line, "image_file") + " and -" + std::string(name) +
                    " exclude each other"
            );
            return false;
        }
    }
    const auto detail = line.value("explain");
    const bool all = detail && equals_ignoring_case(*detail, "all");
    if (!detail || (all && face == "mapping")) return true;
    invocation.console().error(
        facility, "VALUE",
        all ? "-explain=all has a meaning with -mapping only"
            : "-explain=" + std::string(*detail) + ": the value can only be all"
    );
    return false;
}

ExitCode run(Invocation& invocation) {
    struct Face {
        std::string_view name;
        ExitCode (*run)(Invocation&);
    };
    static constexpr Face faces[] = {
        {"rewrite", test_rewrite}, {"mapping", test_mapping},       {"match", test_match},
        {"cases", test_cases},     {"conversion", test_conversion}, {"smtp", test_smtp},
    };
    const Face* chosen = nullptr;
    for (const Face& face : faces) {
        if (!invocation.line().has(face.name)) continue;
        if (chosen != nullptr) {
            invocation.console().error(
                facility, "CONFLICT",
                "-rewrite, -mapping, -match, -cases, -conversion and -smtp exclude each other"
            );
            return ExitCode::usage;
        }
        chosen = &face;
    }
    if (chosen == nullptr) {
        invocation.console().error(
            facility, "MISSING",
            "say what to test: -rewrite, -mapping, -match, -cases, -conversion or -smtp"
        );
        return ExitCode::usage;
    }
    if (!check_switches(invocation, chosen->name)) return ExitCode::usage;
    return with_files(invocation, chosen->run);
}

constexpr Switch switches[] = {
    {"rewrite", Switch::Value::none, "addresses: where they go and what becomes of them"},
    {"mapping", Switch::Value::none, "probes of a mapping table"},
    {"match", Switch::Value::none, "texts against a mapping pattern"},
    {"cases", Switch::Value::none, "files of examples, or directories of such"},
    {"conversion", Switch::Value::none, "files of messages: what a conversion channel would do"},
    {"smtp", Switch::Value::none, "a dialogue with a server that queues nothing"},
    {"source", Switch::Value::required, "-smtp: address of the client (127.0.0.1)"},
    {"script", Switch::Value::required, "-smtp: what the client says is read from this file"},
    {"imta_cnf", Switch::Value::required, "this file instead of the instance's imta.cnf"},
    {"configuration_file", Switch::Value::required, "same"},
    {"mapping_file", Switch::Value::negatable, "this file instead of the mappings; -no: none"},
    {"option_file", Switch::Value::negatable, "this file instead of option.dat; -no: none"},
    {"alias_file", Switch::Value::required, "this file instead of the instance's aliases"},
    {"image_file", Switch::Value::optional, "the published image, or this one; -no: the texts"},
    {"input", Switch::Value::required, "what is tested is read from this file, a line each"},
    {"output", Switch::Value::required, "what is found goes to this file"},
    {"from", Switch::Value::negatable, "-rewrite: sender; -nofrom: the empty one"},
    {"source_channel", Switch::Value::required, "-rewrite: channel the message comes from (l)"},
    {"destination_channel", Switch::Value::required, "-rewrite: channel of header addresses"},
    {"ip", Switch::Value::required, "-rewrite, -smtp: address of the client"},
    {"port", Switch::Value::required, "-rewrite: port of the server (25)"},
    {"client_name", Switch::Value::required, "-rewrite: name of the client in the DNS"},
    {"helo", Switch::Value::required, "-rewrite: what the client says in HELO"},
    {"ehlo", Switch::Value::required, "-rewrite: what the client says in EHLO"},
    {"tls", Switch::Value::optional, "-rewrite: the session is encrypted; value: the cipher"},
    {"auth", Switch::Value::required, "-rewrite: mail address of the authenticated user"},
    {"lmtp", Switch::Value::none, "-rewrite: LMTP instead of SMTP"},
    {"orcpt", Switch::Value::required, "-rewrite: ORCPT parameter"},
    {"delivery_receipt", Switch::Value::none, "-rewrite: NOTIFY=SUCCESS"},
    {"channel", Switch::Value::none, "-rewrite: show the channel's settings (default)"},
    {"check_expansions", Switch::Value::none, "-rewrite: every member of an alias must be good"},
    {"database", Switch::Value::required,
     "-rewrite: noalias,nodomain,noforward,nogeneral,noreverse"},
    {"filter", Switch::Value::none, "-rewrite: filters that apply (there are none yet)"},
    {"sender", Switch::Value::required, "-rewrite: address of the authenticated sender"},
    {"local_alias", Switch::Value::negatable, "-rewrite: what the local host is called"},
    {"reprocess", Switch::Value::none, "-rewrite: expandlimit is obeyed (default)"},
    {"read_receipt", Switch::Value::none, "-rewrite: no address depends on it: refused"},
    {"restricted", Switch::Value::required,
     "-rewrite: encoding of odd local parts: 0; 1 is refused"},
    {"table", Switch::Value::required, "-mapping: the table"},
    {"flags", Switch::Value::negatable, "-mapping: input flags"},
    {"pattern", Switch::Value::required, "-match: the pattern"},
    {"conversions_file", Switch::Value::required, "-conversion: this file of entries"},
    {"in_channel", Switch::Value::required, "-conversion: where messages come from (tcp_local)"},
    {"out_channel", Switch::Value::required, "-conversion: where they go (l)"},
    {"tag", Switch::Value::required, "-conversion: conversion tags, between commas"},
    {"execute", Switch::Value::none, "-conversion: run the commands, too"},
    {"result", Switch::Value::required, "-conversion: the converted message goes to this file"},
    {"debug", Switch::Value::none, "every step, with file and line"},
    {"explain", Switch::Value::optional,
     "same; =all: mapping entries that the index rules out, too"},
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
    trial.without_mapping_file = line.is_negated("mapping_file");
    trial.without_option_file = line.is_negated("option_file");
    const std::string image = value_of(line, "image_file");
    const Instance* instance = invocation.instance();
    const bool all_of_the_instance = trial.imta_cnf.empty() && trial.mapping_file.empty() &&
                                     trial.option_file.empty() && trial.alias_file.empty() &&
                                     !trial.without_mapping_file && !trial.without_option_file;
    if (!image.empty() && instance == nullptr) {
        console.error(facility, "MISSING", "-image_file=" + image + " needs an instance");
        return nullptr;
    }
    if (instance != nullptr && all_of_the_instance && !line.is_negated("image_file")) {
        auto published = config::load_published(instance->tailor.file(), image);
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

void print_lines(Console& console, std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    for (const std::string_view line : split(text, '\n')) console.line("  " + printable(line));
}

const Command test_command = {
    .name = "test",
    .summary = "try addresses, mapping tables, patterns, examples, conversions, dialogues",
    .parameters = "[address | probe | text | path ...]",
    .switches = switches,
    .most_parameters = any_number,
    .run = run,
};

}  // namespace sluice::utility
