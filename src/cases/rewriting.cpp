#include "policy/rewriting.h"

#include <optional>

#include "base/bytes.h"
#include "base/file.h"
#include "cases/cases.h"
#include "cases/example_answers.h"
#include "channel/keyword.h"
#include "config/imta_cnf.h"
#include "config/mapping_file.h"

namespace sluice::cases {

namespace {

std::string without_suffix(const std::string& path) {
    return path.substr(0, path.size() - std::string_view(".tsv").size());
}

std::string errors_in(const Diagnostics& diagnostics) {
    std::string text;
    for (const Diagnostic& found : diagnostics.items()) {
        if (found.severity == Severity::error) text += found.to_string() + '\n';
    }
    return text;
}

Result<config::Configuration> load(const std::string& base) {
    config::DiskFiles files;
    Diagnostics diagnostics;
    config::Configuration configuration{config::Tailor(".")};
    configuration.imta = config::read_imta_cnf(base + ".cnf", files, diagnostics);
    configuration.mappings = config::read_mapping_file(base + ".mappings", files, diagnostics);
    if (!diagnostics.has_errors()) return configuration;
    return Error::permanent({5, 3, 5}, "configuration error", errors_in(diagnostics));
}

rewrite::Context context_of(const config::Configuration& configuration, const Row& row) {
    rewrite::Context context;
    const std::string& direction = cell(row, "direction");
    context.envelope = direction.starts_with("envelope");
    context.forward = direction.ends_with("-to");
    const auto has = [&](const std::string& channel, channel::Keyword keyword) {
        const channel::Channel* found = configuration.imta.channels.find(channel);
        return found != nullptr && found->has(keyword);
    };
    const std::string& source = cell(row, "source");
    context.source.name = source;
    context.source.bang_over_percent = has(source, channel::Keyword::bangoverpercent);
    context.source.no_rules = has(source, channel::Keyword::norules);
    context.source.is_reprocessing = rewrite::is_reprocessing_name(source);
    const std::string& destination = cell(row, "dest");
    if (destination != "-") {
        context.destination =
            rewrite::DestinationChannel{destination, has(destination, channel::Keyword::norules)};
    }
    return context;
}

}  // namespace

Result<void> run_rewriting(
    const std::string& path,
    const Table& table,
    const config::Configuration* site,
    const Report& report
) {
    const std::string base = without_suffix(path);
    std::optional<config::Configuration> own;
    if (site == nullptr || file_exists(base + ".cnf")) {
        auto loaded = load(base);
        if (!loaded) return loaded.error();
        own.emplace(std::move(*loaded));
    }
    const config::Configuration* configuration = own ? &*own : site;
    ExampleAnswers outside;
    outside.load(base);
    for (const Row& row : table.rows) {
        const auto rewritten = [&](rewrite::Trace* trace) {
            policy::RewritingAnswers answers(*configuration, outside);
            return rewrite::rewrite(
                configuration->imta.rules, configuration->imta.hosts,
                configuration->rewrite_options, context_of(*configuration, row),
                cell(row, "address"), answers, trace
            );
        };
        rewrite::Trace trace;
        const std::string traced = rewritten(&trace).to_debug_string();
        Outcome outcome;
        outcome.file = path;
        outcome.id = cell(row, "id");
        const std::string& failure = cell(row, "expect_error");
        outcome.expected = failure == "-"
                               ? cell(row, "expect_address") + " -> " + cell(row, "expect_channel")
                               : failure;
        outcome.actual = rewritten(nullptr).to_debug_string();
        if (traced != outcome.actual) outcome.actual += ", but traced: " + traced;
        outcome.trace = rewrite::to_debug_string(trace);
        report(outcome);
    }
    return {};
}

}  // namespace sluice::cases
