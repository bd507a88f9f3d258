// imsimta test -cases: files of examples and their expected results.
#include "cases/cases.h"
#include "utility/case_reporter.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

}  // namespace

ExitCode test_cases(Invocation& invocation) {
    Console& console = invocation.console();
    if (invocation.line().parameters().empty()) {
        console.error(facility, "MISSING", "-cases needs files of examples, or directories");
        return ExitCode::usage;
    }
    const CommandLine& line = invocation.line();
    // Examples without a configuration beside them are about the instance's.
    config::ConfigurationPtr site;
    if (invocation.instance() != nullptr || line.value("imta_cnf")) {
        site = load_test_configuration(invocation);
    }
    CaseReporter reporter(
        console, {facility, line.has("json"), !line.is_negated("explain")}, site.get()
    );
    for (const std::string& path : invocation.line().parameters()) {
        const auto tables = cases::find_tables(path);
        if (!tables) {
            console.error(facility, "NOFILE", tables.error().detail());
            return ExitCode::not_found;
        }
        if (tables->empty()) console.warning(facility, "NOCASES", path + " has no file *.tsv");
        for (const std::string& table : *tables) reporter.run(table);
    }
    console.line(
        std::to_string(reporter.passed()) + " passed, " + std::to_string(reporter.failed()) +
        " failed"
    );
    return reporter.failed() == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace sluice::utility
