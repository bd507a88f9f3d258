// imsimta test -mapping and -match: the mapping engine by hand.
#include <memory>

#include "base/bytes.h"
#include "config/mapping_file.h"
#include "lookup/sources.h"
#include "mapping/engine.h"
#include "mapping/limits.h"
#include "mapping/matcher.h"
#include "utility/explain_json.h"
#include "utility/explain_text.h"
#include "utility/json_line.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

bool wants_trace(const CommandLine& line) {
    return line.has("debug") || line.has("explain");
}

std::string_view match_word(const mapping::Outcome& outcome) {
    if (!outcome.table_exists) return "none";
    return outcome.matched ? "yes" : "no";
}

std::string flags_or_dash(const mapping::Outcome& outcome) {
    return outcome.flags.empty() ? "-" : outcome.flags.to_string();
}

void print_outcome(Console& console, const mapping::Outcome& outcome) {
    console.line("match: " + std::string(match_word(outcome)));
    console.line("output: " + printable(outcome.output));
    console.line("flags: " + flags_or_dash(outcome));
    for (const std::string& warning : outcome.warnings) {
        console.warning(facility, "ENGINE", warning);
    }
}

void print_json(
    Console& console,
    const std::string& table,
    const std::string& probe,
    const mapping::Outcome& outcome,
    const mapping::Trace* trace
) {
    JsonLine json;
    json.add("table", table)
        .add("probe", probe)
        .add("match", match_word(outcome))
        .add("output", outcome.output)
        .add("flags", flags_or_dash(outcome));
    if (outcome.decided_by.file) json.add("decided_by", outcome.decided_by.to_string());
    if (outcome.temporary_failure) json.add("temporary_failure", true);
    if (!outcome.warnings.empty()) json.add("warnings", outcome.warnings);
    if (trace != nullptr) {
        json.add("explanation", json_of(trace->steps()));
        if (trace->truncated()) json.add("explanation_is_cut", true);
    }
    console.line(json.to_string());
}

void print_explanation(Console& console, const mapping::Trace& trace) {
    for (const std::string& line : explanation_of(trace.steps(), 0)) console.line("  " + line);
    if (trace.truncated()) console.line("  (the explanation is cut here)");
}

/// A mapping file alone needs nothing else of a configuration.
std::optional<mapping::TableSet> read_tables(Console& console, const std::string& path) {
    config::DiskFiles files;
    Diagnostics diagnostics;
    auto tables = config::read_mapping_file(path, files, diagnostics);
    for (const Diagnostic& found : diagnostics.items()) console.explain(found.to_string());
    if (const auto text = files.read(path); !text) {
        console.error(facility, "BADCONFIG", text.error().detail());
        return std::nullopt;
    }
    if (diagnostics.has_errors()) {
        console.error(
            facility, "BADCONFIG", std::to_string(diagnostics.error_count()) + " errors in " + path
        );
        return std::nullopt;
    }
    return tables;
}

/// Where a mapping file that is tried alone gets its outside answers from: the instance, where
/// there is a usable one.
config::ConfigurationPtr surroundings(const Invocation& invocation) {
    if (invocation.instance() != nullptr) {
        auto published = config::load_published(invocation.instance()->tailor.file());
        if (published) return *published;
    }
    return std::make_shared<config::Configuration>(config::Tailor("."));
}

ExitCode probe_all(
    Invocation& invocation,
    const mapping::TableSet& tables,
    const std::string& table,
    const config::ConfigurationPtr& configuration
) {
    lookup::Sources sources(configuration);
    const CommandLine& line = invocation.line();
    const mapping::InputFlags flags(line.value("flags").value_or(""));
    return for_each_input(invocation, "Input string: ", [&](const std::string& probe) {
        lookup::BlockingAnswers outside(sources);
        using Detail = mapping::Trace::Detail;
        mapping::Trace trace(line.value("explain") ? Detail::every_entry : Detail::considered);
        mapping::Trace* const wanted = wants_trace(line) ? &trace : nullptr;
        const auto outcome = mapping::probe(tables, table, probe, flags, outside, wanted);
        if (line.has("json")) {
            print_json(invocation.console(), table, probe, outcome, wanted);
        } else {
            if (wanted != nullptr) print_explanation(invocation.console(), trace);
            print_outcome(invocation.console(), outcome);
        }
        return outcome.matched ? ExitCode::done : ExitCode::failed;
    });
}

// --- match ---

std::optional<mapping::Pattern> parse_pattern(Console& console, std::string_view text) {
    mapping::SyntaxFindings findings;
    auto pattern = mapping::Pattern::parse(text, findings);
    for (const mapping::SyntaxFinding& finding : findings) {
        const bool is_error = finding.severity == Severity::error;
        const std::string place = " (character " + std::to_string(finding.offset + 1) + ')';
        if (is_error) {
            console.error(facility, "PATTERN", finding.code + ": " + finding.text + place);
        } else {
            console.warning(facility, "PATTERN", finding.code + ": " + finding.text + place);
        }
    }
    return pattern;
}

void print_match_json(
    Console& console,
    const CommandLine& line,
    const mapping::Pattern& pattern,
    const mapping::Matcher& matcher,
    mapping::MatchResult result
) {
    const bool matched = result == mapping::MatchResult::matched;
    JsonLine json;
    json.add("pattern", pattern.text()).add("text", matcher.text()).add("match", matched);
    if (matched) json.add("fields", matcher.fields());
    if (result == mapping::MatchResult::abandoned) json.add("abandoned", true);
    if (result == mapping::MatchResult::mismatched) json.add("why", matcher.why_not());
    if (wants_trace(line)) {
        json.add("elements", json_of(matcher.elements()))
            .add("steps", std::uint64_t{matcher.steps()});
    }
    console.line(json.to_string());
}

void print_elements(Console& console, const mapping::Matcher& matcher) {
    for (const mapping::TracePart& element : matcher.elements()) {
        console.line(
            "  " + printable(element.source) + " takes \"" + printable(element.text) + '"' +
            (element.note.empty() ? "" : ", field " + element.note)
        );
    }
}

void print_match(
    Console& console,
    const CommandLine& line,
    const mapping::Pattern& pattern,
    const mapping::Matcher& matcher,
    mapping::MatchResult result
) {
    if (line.has("json")) return print_match_json(console, line, pattern, matcher, result);
    if (wants_trace(line)) print_elements(console, matcher);
    switch (result) {
        case mapping::MatchResult::abandoned:
            console.line("No match: the comparison is too long.");
            return;
        case mapping::MatchResult::mismatched:
            if (wants_trace(line)) console.line("  " + printable(matcher.why_not()));
            console.line("No match.");
            return;
        case mapping::MatchResult::matched:
            break;
    }
    console.line("Match.");
    const auto fields = matcher.fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        console.line(std::to_string(i) + " - " + printable(fields[i]));
    }
}

}  // namespace

ExitCode test_mapping(Invocation& invocation) {
    const CommandLine& line = invocation.line();
    std::optional<std::string> table(line.value("table"));
    if (!table && line.parameters().empty()) table = invocation.console().read_line("Table name: ");
    if (!table || trim(*table).empty()) {
        invocation.console().error(facility, "MISSING", "-mapping needs -table=NAME");
        return ExitCode::usage;
    }
    table = trim(*table);
    const bool with_options = line.value("option_file") || line.is_negated("option_file");
    if (const auto file = line.value("mapping_file"); file && !with_options) {
        const auto tables = read_tables(invocation.console(), std::string(*file));
        return tables ? probe_all(invocation, *tables, *table, surroundings(invocation))
                      : ExitCode::configuration;
    }
    const auto configuration = load_test_configuration(invocation);
    if (!configuration) return ExitCode::configuration;
    return probe_all(invocation, configuration->mappings, *table, configuration);
}

ExitCode test_match(Invocation& invocation) {
    const CommandLine& line = invocation.line();
    Console& console = invocation.console();
    std::optional<std::string> text(line.value("pattern"));
    if (!text && line.parameters().empty()) text = console.read_line("Pattern: ");
    if (!text) {
        console.error(facility, "MISSING", "-match needs -pattern=PATTERN");
        return ExitCode::usage;
    }
    const auto pattern = parse_pattern(console, *text);
    if (!pattern) return ExitCode::configuration;
    return for_each_input(invocation, "Target: ", [&](const std::string& target) {
        mapping::Matcher matcher(target);
        if (wants_trace(line)) matcher.keep_explanation();
        const auto result = matcher.match(*pattern, mapping::limits::comparison_steps);
        print_match(console, line, *pattern, matcher, result);
        return result == mapping::MatchResult::matched ? ExitCode::done : ExitCode::failed;
    });
}

}  // namespace sluice::utility
